import { expect, test } from '@jest/globals'
import { ranked, withoutDeployment, type Finding } from '../../../../src/decide/service/preflight/finding.ts'
import { preflight } from '../../../../src/decide/service/preflight/preflight.ts'
import { service } from '../snapshots.ts'

function finding(severity: Finding['severity'], sentence: string): Finding {
  return { code: 'nothing-ran', severity, sentence, remedy: '' }
}

test('errors come first, each sentence once and otherwise in the order found', () => {
  const found = [
    finding('hint', 'a'),
    finding('error', 'b'),
    finding('warning', 'c'),
    finding('error', 'd'),
    finding('hint', 'a')
  ]
  expect(ranked(found).map(({ sentence }) => sentence)).toEqual(['b', 'd', 'c', 'a'])
})

test('where nothing is deployed nothing is refused, but for a tag that may have moved', () => {
  const codes = ['deployment-deadlock', 'circuit-breaker-off', 'platform-mismatch', 'mutable-tag'] as const
  const found = codes.map((code): Finding => ({ ...finding('error', code), code }))
  expect(withoutDeployment([...found, finding('hint', 'a')]).map(({ severity }) => severity)).toEqual([
    'warning',
    'warning',
    'warning',
    'error',
    'hint'
  ])
})

test('everything that is known without asking is found at once', () => {
  const deploymentConfiguration = { minimumHealthyPercent: 100, maximumPercent: 100 }
  const scene = {
    service: service([], { deploymentConfiguration }),
    document: { containerDefinitions: [{ name: 'web', secrets: [{ name: 'A', valueFrom: 'b' }] }] },
    desiredCount: undefined,
    circuitBreaker: 'require'
  } as const
  expect(preflight(scene).map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    'error deployment-deadlock',
    'error circuit-breaker-off',
    'error execution-role-missing',
    'hint failed-health-check'
  ])
})

test('of the same sentence the first is kept', () => {
  const twice = [finding('error', 'a'), finding('hint', 'a')]
  expect(ranked(twice)).toEqual([twice[0]])
})
