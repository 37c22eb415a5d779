import { quoted } from '../decide/wording.ts'
import type { Environment } from './reader.ts'

/** What the runner says about this run; texts are empty where it says nothing. */
export interface RunContext {
  readonly region: string
  /** `push`, `workflow_dispatch`, … */
  readonly eventName: string
  /** Path of the JSON file with the event. */
  readonly eventPath: string | undefined
  readonly ref: string
  readonly sha: string
  /** `owner/name` on GitHub. */
  readonly repository: string
  readonly serverUrl: string
  readonly runId: string
  readonly runAttempt: string
  readonly workspace: string
  /** Emptied by the runner after the job. */
  readonly tempDirectory: string
}

/** Reads what the runner says about this run, adding a sentence to `problems` when the region is missing or wrong. */
export function gatherContext(environment: Environment, problems: string[]): RunContext {
  function text(name: string): string {
    return environment[name] ?? ''
  }
  return {
    region: readRegion(environment, problems),
    eventName: text('GITHUB_EVENT_NAME'),
    eventPath: environment['GITHUB_EVENT_PATH'] || undefined,
    ref: text('GITHUB_REF'),
    sha: text('GITHUB_SHA'),
    repository: text('GITHUB_REPOSITORY'),
    serverUrl: text('GITHUB_SERVER_URL') || 'https://github.com',
    runId: text('GITHUB_RUN_ID'),
    runAttempt: text('GITHUB_RUN_ATTEMPT'),
    workspace: text('GITHUB_WORKSPACE') || '.',
    tempDirectory: text('RUNNER_TEMP') || text('TMPDIR') || '/tmp'
  }
}

function readRegion(environment: Environment, problems: string[]): string {
  const name = environment['AWS_REGION'] ? 'AWS_REGION' : 'AWS_DEFAULT_REGION'
  const region = environment[name]?.trim() ?? ''
  if (region === '') {
    problems.push(
      'no AWS region is set; set the environment variable AWS_REGION, as aws-actions/configure-aws-credentials does'
    )
  } else if (!/^[a-z]{2,}(-[a-z0-9]+)+$/.test(region)) {
    // It becomes a part of host names.
    problems.push(
      `the environment variable ${name} is ${quoted(region)}, which is no AWS region; write one as eu-west-1`
    )
  }
  return region
}
