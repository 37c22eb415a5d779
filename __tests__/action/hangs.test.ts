import { expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deploy } from './harness.ts'
import { shop, WEB } from './shop.ts'

const HANGS_MS = 30_000

test('what still hangs in the process holds neither main nor post when its report is written', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hangs-'))
  const hang = join(directory, 'hang.cjs')
  // As a program does that fetches credentials, and answers nobody any more.
  writeFileSync(hang, `setTimeout(() => undefined, ${String(HANGS_MS)})`)
  // More than a pipe holds stands in the log.
  const dockerLabels = Array.from({ length: 2_000 }, (_, index) => `a-label-${String(index)}=1`)
  const inputs = { ...WEB, 'docker-labels': dockerLabels.join('\n') }
  const run = await deploy(shop(), inputs, { env: { NODE_OPTIONS: `--require ${hang}` }, post: true })
  rmSync(directory, { recursive: true })
  expect(run.outputs['outcome']).toBe('succeeded')
  expect(run.summary).toContain('succeeded')
  expect(run.text).toContain('a-label-1999')
  expect(run.text).toContain('== Outcome: succeeded')
  expect(run.durationMs).toBeLessThan(HANGS_MS / 2)
  expect(run.post?.exitCode).toBe(0)
  expect(run.post?.durationMs).toBeLessThan(HANGS_MS / 2)
}, 100_000)
