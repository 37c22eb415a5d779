import { afterEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { marked } from 'marked'
import { startJob } from '../../simulator/runner/job-state.ts'
import { StepLog } from '../../simulator/runner/step-log.ts'
import { diagnose } from '../../src/decide/service/diagnosis/diagnosis.ts'
import { logEvidence } from '../../src/decide/service/diagnosis/log-evidence.ts'
import { createRunner } from '../../src/io/runner.ts'
import type { RunResult } from '../../src/outcome.ts'
import { annotationOf } from '../../src/report/annotation.ts'
import { closingLines } from '../../src/report/log.ts'
import { outputsOf } from '../../src/report/outputs.ts'
import { summarise } from '../../src/report/summary.ts'
import { container, event, stopped } from '../decide/service/diagnosis/tasks.ts'
import { hostileText, hugeText } from './hostile.ts'

const CONSOLE =
  'https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/web/deployments?region=eu-west-1'

/** What others have a say in. */
interface Sayings {
  readonly stopReason: string
  readonly stopCode: string | undefined
  readonly containerReason: string | undefined
  readonly containerName: string
  readonly image: string
  readonly exitCode: number | undefined
  readonly event: string
  readonly logged: readonly string[]
}

function sayings(text: fc.Arbitrary<string>): fc.Arbitrary<Sayings> {
  return fc.record({
    stopReason: text,
    stopCode: fc.constantFrom(undefined, 'TaskFailedToStart', 'EssentialContainerExited', 'UserInitiated'),
    containerReason: fc.option(text, { nil: undefined }),
    containerName: text,
    image: text,
    exitCode: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
    event: text,
    logged: fc.array(text, { maxLength: 4 })
  })
}

/** A failed run whose every text comes from elsewhere, explained and put together as the action does it. */
function runOf(said: Sayings): RunResult {
  const { containerName: name, image, exitCode, containerReason: reason, stopCode, stopReason } = said
  const containers = [container({ name, image, exitCode, reason }), container({ name: 'side', reason })]
  const logs = [{ taskId: '0a', container: name, group: image, lines: said.logged }]
  const diagnosis = diagnose({
    stopped: [stopped('0a', { stopCode, stoppedReason: stopReason, containers })],
    events: [event(said.event), event(`(service web) was unable to place a task. Reason: ${said.event}`)],
    essential: [name],
    logGroups: new Map([[name, image]]),
    secrets: [image],
    logs
  })
  expect(diagnosis?.sentence.length ?? 0).toBeLessThanOrEqual(500)
  return {
    outcome: 'failed',
    failed: true,
    reason: `web:2 failed: ${diagnosis?.sentence ?? said.event}; ${said.event}`,
    reasonCode: diagnosis?.code ?? 'deployment-failed',
    remedy: diagnosis?.remedy ?? said.stopReason,
    evidence: [...(diagnosis?.evidence ?? []), ...logEvidence(logs)],
    image,
    imageTags: [said.event],
    service: name,
    cluster: said.event,
    changes: [said.event, said.stopReason],
    tasks: [{ taskId: said.event, container: name, digest: image }],
    consoleUrl: CONSOLE,
    startedAtMs: 0,
    endedAtMs: 1000
  }
}

afterEach(() => {
  jest.restoreAllMocks()
})

/** What the runner makes of the last lines and the annotation of a run. */
function printed(result: RunResult): { readonly log: StepLog; readonly masks: readonly string[] } {
  const written: string[] = []
  jest.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    written.push(String(chunk))
    return true
  })
  const runner = createRunner({})
  for (const { text } of closingLines(result)) runner.log(text)
  const annotation = annotationOf(result)
  if (annotation !== undefined) runner.annotate(annotation.kind, annotation.message, annotation.title)
  jest.restoreAllMocks()
  return received(written.join(''))
}

function received(output: string): { readonly log: StepLog; readonly masks: readonly string[] } {
  const job = startJob([])
  const log = new StepLog({ job, workspace: '/', debug: false, onOutput: undefined })
  for (const line of output.split(/\r\n|\r|\n/)) log.receive(line)
  return { log, masks: job.masker.values }
}

function expectToBeInert(result: RunResult): void {
  const { log, masks } = printed(result)
  expect(log.annotations).toHaveLength(1)
  expect(log.annotations[0]).toMatchObject({ level: 'error', title: 'ECS deploy: failed' })
  expect(log.annotations[0]?.message).toMatch(/\nWhat to do: /)
  expect({ masks, commandFailed: log.commandFailed }).toEqual({ masks: [], commandFailed: false })
  const { reason = '' } = Object.fromEntries(outputsOf(result))
  expect(reason).toMatch(/^web:2 failed: /)
  expect(reason).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|\p{Cs}/u)
  expectMarkupOfOurOwn(summarise(result))
}

const OUR_TAGS: ReadonlySet<string> = new Set(
  'a code details h3 li p pre strong summary ul table tbody td th thead tr'.split(' ')
)

/** The page has no element, attribute, heading, link or table row but those that the report makes. */
function expectMarkupOfOurOwn(summary: string): void {
  const page = marked.parse(summary, { async: false, gfm: true })
  const tags = [...page.matchAll(/<(\/?)([^\s>]*)([^>]*)>/g)]
  const foreign = tags.filter(
    ([, , name = '', attributes = '']) => !OUR_TAGS.has(name) || !['', ` href="${CONSOLE}"`].includes(attributes)
  )
  expect(foreign).toEqual([])
  const count = (name: string): number => tags.filter(([, closes, of]) => closes === '' && of === name).length
  expect([count('h3'), count('a'), count('table')]).toEqual([1, 1, 2])
}

describe('whatever tasks, events and logs say', () => {
  test('takes no effect in a runner or on a page', () => {
    fc.assert(
      fc.property(sayings(hostileText), said => {
        expectToBeInert(runOf(said))
      }),
      { numRuns: 1_000 }
    )
  })

  test('would take effect if nothing were done about it, so that the property above says something', () => {
    const texts = fc.sample(hostileText, { numRuns: 500, seed: 1 })
    expect(texts.filter(text => received(text).log.annotations.length > 0).length).toBeGreaterThan(20)
    const page = (text: string): string => marked.parse(text, { async: false, gfm: true })
    expect(texts.filter(text => /<(img|script|h1|hr|ol)/.test(page(text))).length).toBeGreaterThan(20)
  })

  test('fits, by the megabyte as well', () => {
    fc.assert(
      fc.property(sayings(hugeText), said => {
        const result = runOf(said)
        expectToBeInert(result)
        expect(annotationOf(result)?.message.length).toBeLessThanOrEqual(4096)
        expect(Buffer.byteLength(summarise(result))).toBeLessThan(1 << 20)
        const { services, ...own } = Object.fromEntries(outputsOf(result))
        expect(own['reason']?.length).toBeLessThan(10_000)
      }),
      { numRuns: 20 }
    )
  }, 120_000)
})
