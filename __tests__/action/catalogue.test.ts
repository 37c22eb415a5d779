import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { markdown } from '../../src/report/text.ts'
import { ROWS, type CatalogueRow } from './catalogue-rows.ts'
import type { Told } from './virtual-run.ts'

const PLAYER = fileURLToPath(new URL('catalogue-player.ts', import.meta.url))

let all: readonly Told[] = []

// Outside of jest, whose sandbox makes everything slower.
beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PLAYER], {
    maxBuffer: 64 * 1024 * 1024
  })
  all = JSON.parse(stdout) as Told[]
}, 120_000)

/** The sentence stands first wherever somebody may read it, and what to do stands beside it. */
function expectToRead(told: Told, { words, code, remedy }: CatalogueRow): void {
  const { outputs, log, summary } = told
  expect(JSON.stringify(told)).not.toContain('hunter22')
  const ending = log.slice(log.indexOf('Outcome: '))
  expect(outputs['reason-code']).toBe(code)
  expect(outputs['reason']).toMatch(/^web:2 failed: (\d+) of \1 tasks?: /)
  expect(outputs['reason']).toContain(`: ${words}; `)
  expect(ending).toContain(`: ${words}; `)
  expect(ending).toContain(`What to do: ${remedy}`)
  expect(summary).toContain(`: ${markdown(words)}; `)
  expect(summary).toContain(`**What to do:** ${markdown(remedy)}`)
}

describe('a task that', () => {
  test.each(ROWS.map((row, index) => ({ ...row, index })))('$name', ({ index, ...row }) => {
    const told = all[index]
    if (told === undefined) throw new Error('it was not played')
    expectToRead(told, row)
  })
})
