import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { CallPolicy } from '../../../src/io/aws/call.ts'
import { createScans } from '../../../src/io/aws/scan.ts'
import { wallClock } from '../../../src/io/clock.ts'
import type { ScanReport } from '../../../src/decide/image/scan.ts'
import { serve } from './server.ts'

const policy: CallPolicy = { clock: wallClock, region: 'eu-west-1', signal: new AbortController().signal }
const environment = { ...process.env }

beforeEach(() => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' })
})

afterEach(() => {
  process.env = environment
})

const finding = (name: string, severity: string) => ({ name, severity })

/** What is read when ECR gives these pages. */
async function read(...pages: readonly object[]): Promise<{ report: ScanReport | undefined; tokens: unknown[] }> {
  const answers = pages.map((imageScanFindings, index) => ({
    imageScanStatus: { status: 'COMPLETE' },
    imageScanFindings,
    ...(index < pages.length - 1 && { nextToken: `page-${String(index + 2)}` })
  }))
  const server = await serve(...answers.map(answer => ({ body: JSON.stringify(answer) })))
  process.env['AWS_ENDPOINT_URL'] = server.url
  try {
    const report = await createScans(policy, undefined).readScan('web', `sha256:${'a'.repeat(64)}`)
    return { report, tokens: server.received.map(({ body }) => (JSON.parse(body) as { nextToken?: string }).nextToken) }
  } finally {
    server.close()
  }
}

test('the findings of a scan are read to the last page', async () => {
  const { report, tokens } = await read(
    { findings: [finding('CVE-1', 'LOW')] },
    { findings: [finding('CVE-2', 'CRITICAL')], findingSeverityCounts: { LOW: 1 } }
  )
  expect(tokens).toEqual([undefined, 'page-2'])
  expect(report?.findings.map(({ name }) => name)).toEqual(['CVE-1', 'CVE-2'])
  expect([...(report?.counts ?? [])]).toEqual([['LOW', 1]])
})

test('counts that some pages leave out, or begin anew, are the highest of any page', async () => {
  const { report } = await read(
    { findingSeverityCounts: { CRITICAL: 1, LOW: 2 } },
    { findingSeverityCounts: { LOW: 3 } },
    {}
  )
  expect([...(report?.counts ?? [])]).toEqual([
    ['CRITICAL', 1],
    ['LOW', 3]
  ])
  expect(report?.isShown).toBe(true)
})

test.each([
  ['counts', { findingSeverityCounts: {} }, true],
  ['a list', { findings: [] }, true],
  ["Inspector's list", { enhancedFindings: [] }, true],
  ['neither', {}, false]
])('a scan with %s is one that was seen, or not', async (_, findings, isShown) => {
  expect((await read(findings)).report).toMatchObject({ status: 'COMPLETE', isShown })
})

test.each([
  ['counted', { findingSeverityCounts: { SUPERCRITICAL: 2, LOW: 1 } }],
  [
    'listed',
    { findings: [finding('CVE-1', 'SUPERCRITICAL'), finding('CVE-2', 'SUPERCRITICAL'), finding('CVE-3', 'LOW')] }
  ],
  [
    "in Inspector's list",
    {
      enhancedFindings: [
        { title: 'a', severity: 'SUPERCRITICAL' },
        { title: 'b', severity: 'SUPERCRITICAL' }
      ]
    }
  ]
])('findings of a severity that is unknown here, %s, are taken for the worst', async (_, findings) => {
  const { report } = await read(findings)
  const listed = report?.findings.filter(({ severity }) => severity === 'CRITICAL').length ?? 0
  expect(Math.max(report?.counts.get('CRITICAL') ?? 0, listed)).toBe(2)
  expect(report?.unknown).toEqual(['SUPERCRITICAL'])
})

test('known severities are read whatever their case; one that is missing is not known', async () => {
  const { report } = await read({
    findingSeverityCounts: { critical: 1, CRITICAL: 1, SUPERCRITICAL: 0 },
    findings: [{ name: 'CVE-1' }]
  })
  expect(report?.counts.get('CRITICAL')).toBe(2)
  expect(report?.findings).toMatchObject([{ severity: 'CRITICAL' }])
  expect(report?.unknown).toEqual([''])
})
