import { getState, saveState, setFailed } from '@actions/core'

/** Set by the main step: what starts this file once more for the post step, which has its own, does not deploy again. */
const PHASE_STATE = 'phase'

async function run(): Promise<void> {
  if (getState(PHASE_STATE) !== '') {
    const { post } = await import('./post.ts')
    return post()
  }
  saveState(PHASE_STATE, 'main')
  // Imported here, it is a file apart, which the bundle fills with all that it loads in any case.
  const { main } = await import('./main.ts')
  await main()
}

// Not awaited here: dist is CommonJS, which has no place to.
run().catch((error: unknown) => {
  setFailed(error instanceof Error ? error : String(error))
})
