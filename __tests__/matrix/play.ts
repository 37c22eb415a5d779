import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ShardReport } from './shard.ts'

/** What became of a whole matrix. */
export interface Played {
  readonly trials: number
  readonly violations: readonly string[]
  /** The outcomes that were met. */
  readonly outcomes: ReadonlySet<string>
}

const SHARD = fileURLToPath(new URL('shard.ts', import.meta.url))

/** One trial of so many is played, another part of them each time; `npm run test:thorough` plays all of kills and faults. */
export const EVERY = Number(process.env['MATRIX_EVERY'] ?? 200)

/** Two processes for the two cores that CI has at least; for a sample their start would cost more than they save. */
const SHARDS = EVERY === 1 ? 2 : 1

/** How long a matrix may take on a machine that has much else to do, in milliseconds. */
export const PATIENCE_MS = 15 * 60_000

/**
 * Plays the matrix `kills`, `faults`, `cancellations` or `posts` and prints how much it was. `MATRIX_SCENE` plays one scene only.
 * Of a matrix that takes long for what it finds, one trial of `every` at most.
 */
export async function play(matrix: string, every = 1): Promise<Played> {
  const step = Math.max(EVERY, every)
  const first = Math.floor(Math.random() * step)
  const shards = Array.from({ length: SHARDS }, (_, index) => [index, SHARDS, first, step])
  const reports = await Promise.all(shards.map(share => playShard(matrix, share)))
  const violations = reports.flatMap(report => report.violations)
  const counts = reports.flatMap(({ outcomes }) => Object.values(outcomes))
  const trials = counts.flatMap(Object.values<number>).reduce((sum, count) => sum + count, 0)
  process.stderr.write(`${trials.toLocaleString('en-US')} ${matrix}, ${String(violations.length)} violations\n`)
  return { trials, violations, outcomes: new Set(counts.flatMap(Object.keys)) }
}

/** Outside of jest, whose sandbox makes everything slower. */
async function playShard(matrix: string, share: readonly number[]): Promise<ShardReport> {
  const args = [SHARD, matrix, ...share.map(String), process.env['MATRIX_SCENE'] ?? '']
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', ...args], {
    maxBuffer: 64 * 1024 * 1024
  })
  return JSON.parse(stdout) as ShardReport
}
