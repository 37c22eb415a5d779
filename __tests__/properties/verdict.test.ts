import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import type { ShardReport } from './shard.ts'

/**
 * `VERDICT_RUNS` plays more or fewer (`npm run test:thorough`: ten thousand), the same ones each time, so that what turns
 * red was turned by the change. `VERDICT_SEED=random` plays others; a seed and `VERDICT_PATH`, as a failure names them, play
 * one again.
 */
const RUNS = Number(process.env['VERDICT_RUNS'] ?? 120)
const SEED = process.env['VERDICT_SEED'] ?? '1'
const PATH = process.env['VERDICT_PATH'] ?? ''

/** Two processes for the two cores that CI has at least; for a sample their start would cost more than they save. */
const SHARDS = PATH === '' && RUNS >= 1_000 ? 2 : 1

const SHARD = fileURLToPath(new URL('shard.ts', import.meta.url))
const MINUTES_MS = 60_000

test(
  `the outcome of ${String(RUNS)} random deployments is the ground truth, in time, and without a call too many`,
  async () => {
    const first = SEED === 'random' ? Math.floor(Math.random() * 2 ** 30) : Number(SEED)
    const share = Math.ceil(RUNS / SHARDS)
    const reports = await Promise.all(Array.from({ length: SHARDS }, (_, index) => playShard(share, first + index)))
    expect(reports.flatMap(({ failure = [] }) => failure)).toEqual([])
    // Every way to end was met, or the property proves less than it seems to.
    if (RUNS >= 10_000) {
      expect(new Set(reports.flatMap(({ outcomes }) => Object.keys(outcomes)))).toEqual(
        new Set([
          'failed',
          'rejected',
          'rollback-failed',
          'rolled-back',
          'succeeded',
          'superseded',
          'timed-out',
          'unchanged',
          'unproven'
        ])
      )
    }
  },
  15 * MINUTES_MS
)

/** Outside of jest, whose sandbox makes everything slower. */
async function playShard(runs: number, seed: number): Promise<ShardReport> {
  const shard = [SHARD, String(runs), String(seed), PATH]
  // What a run leaves behind is swept while it is young, which saves a few percent of the time.
  const node = ['--max-semi-space-size=64', '--import', 'tsx']
  const { stdout } = await promisify(execFile)(process.execPath, [...node, ...shard], {
    maxBuffer: 64 * 1024 * 1024
  })
  return JSON.parse(stdout) as ShardReport
}
