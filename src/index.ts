import { setFailed } from '@actions/core'

async function run(): Promise<void> {
  // Imported here, it is a file apart, which the bundle fills with all that it loads in any case.
  const { main } = await import('./main.ts')
  await main()
}

// Not awaited here: dist is CommonJS, which has no place to.
run().catch((error: unknown) => {
  setFailed(error instanceof Error ? error : String(error))
})
