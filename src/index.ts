import { getState, setFailed } from '@actions/core'

/** Set by main, so that the runner's second start of this file is the post step. */
const PHASE_STATE = 'phase'

async function run(): Promise<void> {
  if (getState(PHASE_STATE) === '') {
    const { main } = await import('./main.ts')
    await main(PHASE_STATE)
  } else {
    const { post } = await import('./post.ts')
    await post()
  }
}

// Not awaited here: dist is CommonJS, which has no place to.
run().catch((error: unknown) => {
  setFailed(error instanceof Error ? error : String(error))
})
