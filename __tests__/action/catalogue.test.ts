import { describe, expect, test } from '@jest/globals'
import { markdown } from '../../src/report/text.ts'
import { IMAGE_REASONS } from '../decide/service/diagnosis/catalogue-image.ts'
import { RESOURCE_REASONS } from '../decide/service/diagnosis/catalogue-resource.ts'
import { EXITS, STOPS } from '../decide/service/diagnosis/catalogue-run.ts'
import { START_REASONS } from '../decide/service/diagnosis/catalogue-start.ts'
import { deployVirtually, shopWith, type Told } from './virtual-run.ts'

/** What nobody may read anywhere. */
const SECRET = 'postgres://app:hunter22@db/main'
const INPUTS = { 'environment-variables': `DATABASE_URL=${SECRET}`, 'docker-labels': `token=${SECRET}` }

interface Reading {
  readonly words: string
  readonly code: string
  readonly remedy: string
}

/** The sentence stands first wherever somebody may read it, and what to do stands beside it. */
function expectToRead(told: Told, { words, code, remedy }: Reading): void {
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

describe('a task that cannot start', () => {
  const rows = [...IMAGE_REASONS, ...RESOURCE_REASONS, ...START_REASONS]
  test.each(rows)('%s', async (_, reason, words, code, _heals, remedy) => {
    const told = await deployVirtually({
      world: shopWith({ stop: { stopCode: 'TaskFailedToStart', reason }, logs: [SECRET] }),
      inputs: INPUTS
    })
    expectToRead(told, { words, code, remedy })
  })
})

describe('a task that ran', () => {
  test.each([...EXITS, ...STOPS])('$name', async ({ stopCode, reason, container = {}, ...reading }) => {
    const told = await deployVirtually({
      world: shopWith({ stop: { stopCode, reason, container }, logs: [`no answer from ${SECRET}`] }),
      inputs: INPUTS
    })
    expectToRead(told, reading)
  })
})
