import { describe, expect, test } from '@jest/globals'
import type { Knowledge, RunResult } from '../../src/outcome.ts'
import { createConcealment } from '../../src/report/concealment.ts'

const RESULT: RunResult = { outcome: 'failed', reason: '', failed: true, startedAtMs: 0, endedAtMs: 0 }

function taskDefinition(environment: Readonly<Record<string, string>>) {
  const variables = Object.entries(environment).map(([name, value]) => ({ name, value }))
  return { family: 'web', containerDefinitions: [{ name: 'web', environment: variables }] }
}

function concealmentOf(known: Knowledge, environment: Readonly<Record<string, string>>, open?: string) {
  const concealment = createConcealment(known)
  concealment.learnValues(taskDefinition(environment), open)
  const note = (text: string): unknown => concealment.event({ kind: 'note', text })
  return { concealment, note }
}

describe('a report', () => {
  test('has the name of a variable in the place of its value, wherever sentences stand', () => {
    const { concealment, note } = concealmentOf({}, { PW: 'hunter2-Zq9' })
    expect(note('no hunter2-Zq9')).toEqual({ kind: 'note', text: 'no ${PW}' })
    const said = 'no hunter2-Zq9'
    const image = { source: 'a', image: 'b', tags: [], outcome: 'failed', reason: said } as const
    const told = { reason: said, remedy: said, evidence: [said], changes: [said], scans: [said], images: [image] }
    expect(JSON.stringify(concealment.result({ ...RESULT, ...told }))).not.toContain('hunter2')
  })

  test('shows neither the values of one task definition nor those of the next, nor passwords', () => {
    const { concealment, note } = concealmentOf({}, { PW: 'hunter2-Zq9' })
    expect(note('hunter2-Zq9 hunter3-Zq9')).toMatchObject({ text: '${PW} hunter3-Zq9' })
    concealment.learnValues(taskDefinition({ PW: 'hunter3-Zq9' }))
    concealment.learnSecret('pass/word')
    expect(note('hunter2-Zq9 hunter3-Zq9 pass/word pass%2Fword')).toMatchObject({ text: '${PW} ${PW} *** ***' })
  })

  test('still names what it is about', () => {
    const known: Knowledge = { service: 'shop-web-17' }
    const { note } = concealmentOf(known, { SERVICE: 'shop-web-17', VERSION: 'main-1111111', DEBUG: 'true' }, 'VERSION')
    expect(note('shop-web-17 is main-1111111, true')).toMatchObject({ text: 'shop-web-17 is main-1111111, true' })
    known.service = 'another'
    expect(note('shop-web-17')).toMatchObject({ text: '${SERVICE}' })
  })
})
