import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startJob } from '../../simulator/runner/job-state.ts'
import { parseKeyValues } from '../../simulator/runner/key-values.ts'
import { StepLog } from '../../simulator/runner/step-log.ts'
import { describeCommit } from '../../src/decide/image/commit.ts'
import { isLegalTag } from '../../src/decide/image/tag-grammar.ts'
import { commitTag } from '../../src/decide/image/tags.ts'
import { parseTaskDefinitionFile } from '../../src/decide/task/file.ts'
import type { Event } from '../../src/event.ts'
import { Failure } from '../../src/failure.ts'
import { readInputs } from '../../src/inputs.ts'
import { INPUT_DEFAULTS } from '../../src/inputs/defaults.ts'
import { createRunner, type Runner } from '../../src/io/runner.ts'
import type { RunResult } from '../../src/outcome.ts'
import { annotationOf } from '../../src/report/annotation.ts'
import { closingLines, logLines } from '../../src/report/log.ts'
import { outputsOf } from '../../src/report/outputs.ts'
import { hostileText, hugeText } from '../report/hostile.ts'

/** How many strings the properties of this file try, told at the end. */
let tried = 0
const hostile = hostileText.map(text => {
  tried += 1
  return text
})

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'hostile-text-'))
})
afterEach(() => {
  jest.restoreAllMocks()
})
afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
  process.stdout.write(`${String(tried)} hostile strings tried\n`)
})

/** What the runner makes of whatever is printed to it. */
function received(print: (runner: Runner) => void): { readonly log: StepLog; readonly masks: readonly string[] } {
  const written: string[] = []
  jest.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    written.push(String(chunk))
    return true
  })
  print(createRunner({}))
  jest.restoreAllMocks()
  const job = startJob([])
  const log = new StepLog({ job, workspace: '/', debug: false, onOutput: undefined })
  for (const line of written.join('').split(/\r\n|\r|\n/)) log.receive(line)
  return { log, masks: job.masker.values }
}

/** Every event that holds text of others. */
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant('note'), text: hostile }),
  fc.record({ kind: fc.constant('build-output'), line: hostile }),
  fc.record({ kind: fc.constant('task-proven'), taskId: hostile, container: hostile, digest: hostile }),
  fc.record({ kind: fc.constant('image-found'), reference: hostile, digest: hostile, how: hostile }),
  fc.record({ kind: fc.constant('image-built'), repository: hostile, digest: hostile }),
  fc.record({ kind: fc.constant('tag-put'), repository: hostile, tag: hostile }),
  fc.record({ kind: fc.constant('tag-kept'), repository: hostile, tag: hostile }),
  fc.record({ kind: fc.constant('revision-changes'), changes: fc.array(hostile, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('revision-registered'), arn: hostile }),
  fc.record({ kind: fc.constant('revision-reused'), arn: hostile }),
  fc.record({ kind: fc.constant('image-kept'), source: hostile, image: hostile, digest: hostile }),
  fc.record({ kind: fc.constant('image-copied'), source: hostile, image: hostile, digest: hostile }),
  fc.record({ kind: fc.constant('scaling-suspended'), resourceId: hostile }),
  fc.record({ kind: fc.constant('scaling-restored'), resourceId: hostile }),
  fc.record({ kind: fc.constant('deployment-started'), id: hostile, consoleUrl: hostile }),
  fc.record({ kind: fc.constant('still-waiting'), service: hostile, seconds: fc.nat(), reason: hostile }),
  fc.record({ kind: fc.constant('service-event'), service: hostile, message: hostile }),
  fc.record({ kind: fc.constant('turned-red'), service: hostile, reason: hostile }),
  fc.record({ kind: fc.constant('poll-failed'), service: hostile, reason: hostile, times: fc.nat() }),
  fc.record({ kind: fc.constant('retry'), operation: hostile, reason: hostile, pauseMs: fc.nat() })
)

function resultOf(text: fc.Arbitrary<string>): fc.Arbitrary<RunResult> {
  return fc.record({
    outcome: fc.constant('failed'),
    failed: fc.constant(true),
    reason: text,
    remedy: text,
    image: text,
    imageDigest: text,
    imageTags: fc.array(text, { maxLength: 3 }),
    version: text,
    service: text,
    cluster: text,
    taskDefinitionArn: text,
    previousTaskDefinitionArn: text,
    taskDefinitionPath: text,
    deploymentId: text,
    serviceDeploymentArn: text,
    consoleUrl: text,
    startedAtMs: fc.constant(0),
    endedAtMs: fc.constant(1)
  })
}

describe('hostile text', () => {
  test('in any event is a line of the log and nothing else', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), events => {
        const lines = events.flatMap(each => logLines(each))
        const { log, masks } = received(runner => {
          for (const { text } of lines) runner.log(text)
        })
        expect({ annotations: log.annotations, masks, failed: log.commandFailed }).toEqual({
          annotations: [],
          masks: [],
          failed: false
        })
      }),
      { numRuns: 1_000 }
    )
  })

  test('in any result forges no output, state or annotation', () => {
    const file = join(directory, 'output')
    jest.replaceProperty(process, 'env', { ...process.env, GITHUB_OUTPUT: file, GITHUB_STATE: file })
    const environment = process.env
    fc.assert(
      fc.property(fc.oneof({ weight: 20, arbitrary: resultOf(hostile) }, resultOf(hugeText)), result => {
        writeFileSync(file, '')
        const outputs = outputsOf(result)
        const { log } = received(runner => {
          jest.replaceProperty(process, 'env', environment)
          for (const [name, value] of outputs) runner.setOutput(name, value)
          runner.saveState('state', result.reason)
          for (const { text } of closingLines(result)) runner.log(text)
          const annotation = annotationOf(result)
          if (annotation !== undefined) runner.annotate(annotation.kind, annotation.message, annotation.title)
        })
        const read = [...parseKeyValues(readFileSync(file, 'utf8'))]
        expect(read.map(([name]) => name)).toEqual([...outputs.map(([name]) => name), 'state'])
        expect(log.annotations).toHaveLength(1)
      }),
      { numRuns: 300 }
    )
  }, 60_000)

  test('in any input is refused in words that do nothing', () => {
    const names = Object.keys(INPUT_DEFAULTS)
    const inputs = fc.dictionary(fc.constantFrom(...names), hostile, { minKeys: 1, maxKeys: 8 })
    fc.assert(
      fc.property(inputs, given => {
        const said = failureOf(() =>
          readInputs(
            Object.fromEntries(Object.entries(given).map(([name, text]) => [`INPUT_${name.toUpperCase()}`, text]))
          )
        )
        expectInert(said)
      }),
      { numRuns: 1_000 }
    )
  })

  test('in a task definition file is refused in words that do nothing', () => {
    const document = fc.dictionary(hostile, fc.oneof(hostile, fc.array(hostile, { maxLength: 2 })), { maxKeys: 4 })
    const file = fc.oneof(
      hostile,
      document.map(value => JSON.stringify(value)),
      document.map(value => JSON.stringify({ family: 'web', containerDefinitions: [value] }))
    )
    fc.assert(
      fc.property(file, fc.constantFrom('task.json', 'task.yaml'), hostile, (text, name, path) => {
        expectInert(failureOf(() => parseTaskDefinitionFile(text, `${path}${name}`)))
      }),
      { numRuns: 1_000 }
    )
  })

  test('in the event, its payload and the names of branches makes legal tags or a refusal', () => {
    const payload = fc.dictionary(
      fc.constantFrom(
        'ref',
        'ref_name',
        'action',
        'pull_request',
        'merge_group',
        'workflow_run',
        'release',
        'after',
        'number'
      ),
      fc.oneof(
        hostile,
        fc.nat(),
        fc.constant(null),
        fc.dictionary(
          fc.constantFrom(
            'head',
            'base',
            'head_sha',
            'head_ref',
            'head_branch',
            'number',
            'merge_commit_sha',
            'merged',
            'tag_name'
          ),
          fc.oneof(hostile, fc.boolean(), fc.record({ ref: hostile, sha: hostile }))
        )
      )
    )
    const names = ['push', 'pull_request', 'pull_request_target', 'merge_group', 'workflow_run', 'release', 'schedule']
    const trigger = fc.record({
      name: fc.oneof(fc.constantFrom(...names), hostile),
      ref: fc.oneof(
        hostile,
        hostile.map(text => `refs/heads/${text}`),
        hostile.map(text => `refs/tags/${text}`)
      ),
      sha: fc.oneof(fc.constant('a'.repeat(40)), hostile),
      payload
    })
    fc.assert(
      fc.property(trigger, given => {
        const said = failureOf(() => {
          const { name: branch, sha } = describeCommit(given)
          expect(isLegalTag(commitTag({ branch, sha, shaLength: 7 }))).toBe(true)
        })
        expectInert(said)
      }),
      { numRuns: 1_000 }
    )
  })
})

test('reaches no shell: programs are started with lists of arguments', () => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
  const starting = sources.flatMap(name => {
    const text = readFileSync(join('src', name), 'utf8')
    const [, imported = ''] = /import \{([^}]*)\} from 'node:child_process'/.exec(text) ?? []
    expect(text).not.toMatch(/\bshell:|@actions\/exec|\beval\(|new Function\(/)
    return imported.split(',').map(each => each.trim())
  })
  expect(new Set(starting.filter(each => each !== '' && !each.startsWith('type ')))).toEqual(
    new Set(['execFile', 'spawn'])
  )
})

/** What a refusal says; undefined when there is none. Whatever else is thrown is a bug. */
function failureOf(work: () => unknown): Failure | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof Failure && error.code !== 'internal-error') return error
    throw error
  }
}

function expectInert(failure: Failure | undefined): void {
  if (failure === undefined) return
  const { message: reason, remedy = '', code: reasonCode } = failure
  const result: RunResult = {
    outcome: 'invalid',
    failed: true,
    reason,
    remedy,
    reasonCode,
    startedAtMs: 0,
    endedAtMs: 1
  }
  const { log, masks } = received(runner => {
    for (const { text } of closingLines(result)) runner.log(text)
  })
  expect({ annotations: log.annotations, masks, failed: log.commandFailed }).toEqual({
    annotations: [],
    masks: [],
    failed: false
  })
}
