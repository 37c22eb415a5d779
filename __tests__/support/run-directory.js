import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives the suites of one run a directory for what they share, until jest ends. */
export default function setUp() {
  const directory = mkdtempSync(join(tmpdir(), 'test-run-'))
  process.env['TEST_RUN_DIRECTORY'] = directory
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
}
