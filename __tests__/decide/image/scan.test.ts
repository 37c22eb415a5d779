import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  judgeFindings,
  parseSeverity,
  readStage,
  SEVERITIES,
  type ScanReport,
  type Severity
} from '../../../src/decide/image/scan.ts'

function report(counts: Partial<Record<Severity, number>>, changes: Partial<ScanReport> = {}): ScanReport {
  const all = Object.entries(counts) as [Severity, number][]
  return {
    status: 'COMPLETE',
    description: undefined,
    isShown: true,
    counts: new Map(all),
    findings: [],
    unknown: [],
    ...changes
  }
}

describe('a scan', () => {
  test.each([
    ['COMPLETE', 'done'],
    ['ACTIVE', 'done'],
    ['IN_PROGRESS', 'under-way'],
    ['PENDING', 'under-way'],
    ['SOMETHING_NEW', 'under-way'],
    ['FAILED', 'never'],
    ['UNSUPPORTED_IMAGE', 'never'],
    ['SCAN_ELIGIBILITY_EXPIRED', 'never'],
    ['FINDINGS_UNAVAILABLE', 'never'],
    ['LIMIT_EXCEEDED', 'never'],
    ['IMAGE_ARCHIVED', 'archived']
  ])('that is %s is %s', (status, kind) => {
    expect(readStage(report({}, { status })).kind).toBe(kind)
  })

  test.each(['COMPLETE', 'ACTIVE'])('that is %s goes on until its findings are there', status => {
    expect(readStage(report({}, { status, isShown: false })).kind).toBe('under-way')
  })

  test('that failed says why', () => {
    expect(readStage(report({}, { status: 'FAILED', description: 'the layer is broken' }))).toMatchObject({
      why: 'the scan failed: the layer is broken'
    })
  })
})

describe('findings', () => {
  test.each<[Severity, boolean]>([
    ['CRITICAL', true],
    ['HIGH', false],
    ['LOW', false]
  ])('of severity high, judged from %s on: passes %p', (threshold, passes) => {
    expect(judgeFindings(report({ HIGH: 2 }), threshold)).toMatchObject({ passes, found: '2 high' })
  })

  test('are counted by severity, the worst first', () => {
    expect(judgeFindings(report({ LOW: 3, CRITICAL: 1 }), 'CRITICAL').found).toBe('1 critical, 3 low')
    expect(judgeFindings(report({}), 'UNDEFINED')).toEqual({ passes: true, found: 'nothing', worst: [] })
  })

  test('that do not pass are named once each, with their package, ten at most', () => {
    const named = Array.from({ length: 30 }, (_, index) => ({
      name: `CVE-${String(index % 15)}`,
      severity: index % 2 === 0 ? ('CRITICAL' as const) : ('LOW' as const),
      packageName: 'openssl'
    }))
    const { worst } = judgeFindings(report({ CRITICAL: 15, LOW: 15 }, { findings: named }), 'CRITICAL')
    expect(worst).toHaveLength(10)
    expect(new Set(worst).size).toBe(10)
    expect(worst[0]).toBe('CVE-0 in openssl')
  })

  test.each<[string, Partial<Record<Severity, number>>, string]>([
    ['not counted', {}, '1 critical'],
    ['counted in part', { HIGH: 1 }, '1 critical, 1 high'],
    ['counted', { CRITICAL: 3 }, '3 critical']
  ])('that are listed and %s do not pass', (_, counts, found) => {
    const findings = [
      { name: 'CVE-2', severity: 'LOW' as const, packageName: undefined },
      { name: 'CVE-1', severity: 'CRITICAL' as const, packageName: undefined }
    ]
    const { passes, worst, ...verdict } = judgeFindings(report({ LOW: 1, ...counts }, { findings }), 'CRITICAL')
    expect(verdict.found).toBe(`${found}, 1 low`)
    expect([passes, worst]).toEqual([false, ['CVE-1']])
  })

  test('pass exactly when none is as bad as the threshold', () => {
    const counts = fc.dictionary(fc.constantFrom(...SEVERITIES), fc.integer({ min: 0, max: 3 }))
    fc.assert(
      fc.property(counts, fc.constantFrom(...SEVERITIES), (all, threshold) => {
        const isBad = SEVERITIES.some(
          (severity, index) => index <= SEVERITIES.indexOf(threshold) && (all[severity] ?? 0) > 0
        )
        expect(judgeFindings(report(all), threshold).passes).toBe(!isBad)
      })
    )
  })

  test.each(SEVERITIES)(
    'of a severity that is unknown here do not pass, judged from %s on, and it is named',
    threshold => {
      const { passes, found } = judgeFindings(report({ CRITICAL: 1 }, { unknown: ['SUPERCRITICAL'] }), threshold)
      expect(passes).toBe(false)
      expect(found).toBe("1 critical (a severity that is not known here counts as critical: 'SUPERCRITICAL')")
    }
  )
})

test.each<[string, Severity | undefined]>([
  ['CRITICAL', 'CRITICAL'],
  ['critical', 'CRITICAL'],
  ['High', 'HIGH'],
  ['UNTRIAGED', 'UNDEFINED'],
  ['untriaged', 'UNDEFINED'],
  ['UNDEFINED', 'UNDEFINED'],
  ['SUPERCRITICAL', undefined],
  ['', undefined]
])('the severity %p is %s', (text, severity) => {
  expect(parseSeverity(text)).toBe(severity)
})
