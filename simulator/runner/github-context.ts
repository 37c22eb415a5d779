import { arch, platform } from 'node:os'

/** What started the workflow. */
export interface WorkflowEvent {
  /** `push`, `pull_request`, `workflow_dispatch`, … */
  readonly name: string
  /** The webhook's payload; what the event's name alone tells is added. */
  readonly payload?: Readonly<Record<string, unknown>>
}

/** What the run is about; everything has a default that makes a push to `main` of `octo-org/octo-app`. */
export interface GithubOptions {
  readonly repository?: string
  readonly ref?: string
  readonly sha?: string
  readonly actor?: string
  readonly runId?: string
  readonly runNumber?: string
  readonly runAttempt?: string
  readonly workflow?: string
  readonly job?: string
  readonly serverUrl?: string
  readonly apiUrl?: string
  /** What `github.token` gives, hidden in the log; none by default. */
  readonly token?: string
}

/** The `github` context: text that becomes GITHUB_* variables, and the two members that do not. */
export interface GithubContext {
  readonly variables: Readonly<Record<string, string>>
  readonly event: Readonly<Record<string, unknown>>
  readonly token: string
}

const OS_NAMES: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }
const ARCHITECTURE_NAMES: Readonly<Record<string, string>> = { x64: 'X64', arm64: 'ARM64' }

const NO_COMMIT = '0'.repeat(40)

/** The `github` context of a run, without what the step adds to it. */
export function buildGithubContext(options: GithubOptions, event: WorkflowEvent): GithubContext {
  const repository = options.repository ?? 'octo-org/octo-app'
  const owner = repository.split('/')[0] ?? repository
  const ref = options.ref ?? 'refs/heads/main'
  const sha = options.sha ?? '1f2e3d4c5b6a79880123456789abcdef01234567'
  const actor = options.actor ?? 'octocat'
  const workflow = options.workflow ?? 'Deploy'
  const serverUrl = options.serverUrl ?? 'https://github.com'
  const apiUrl = options.apiUrl ?? 'https://api.github.com'
  const payload = buildPayload(event, { repository, owner, ref, sha, actor, serverUrl })
  const pullRequest = event.name.startsWith('pull_request') ? payload['pull_request'] : undefined
  return {
    variables: {
      actor,
      actor_id: '583231',
      api_url: apiUrl,
      base_ref: branchOf(pullRequest, 'base'),
      event_name: event.name,
      // On a server of one's own the path ends in /api/v3 and /api/graphql.
      graphql_url: `${apiUrl.replace(/\/v3$/, '')}/graphql`,
      head_ref: branchOf(pullRequest, 'head'),
      job: options.job ?? 'deploy',
      ref,
      ref_name: ref.replace(/^refs\/(?:heads|tags|pull)\//, ''),
      ref_protected: 'false',
      ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
      repository,
      repository_id: '1296269',
      repository_owner: owner,
      repository_owner_id: '9919',
      retention_days: '90',
      run_attempt: options.runAttempt ?? '1',
      run_id: options.runId ?? '1658821493',
      run_number: options.runNumber ?? '1',
      server_url: serverUrl,
      sha,
      triggering_actor: actor,
      workflow,
      workflow_ref: `${repository}/.github/workflows/deploy.yml@${ref}`,
      workflow_sha: sha
    },
    event: payload,
    token: options.token ?? ''
  }
}

/** The `runner` context, and so the RUNNER_* variables. */
export function buildRunnerContext(directories: {
  readonly temp: string
  readonly toolCache: string
  readonly workspace: string
  readonly debug: boolean
}): Record<string, string> {
  return {
    ...(directories.debug ? { debug: '1' } : {}),
    os: OS_NAMES[platform()] ?? 'Linux',
    arch: ARCHITECTURE_NAMES[arch()] ?? 'X64',
    name: 'GitHub Actions 1',
    environment: 'github-hosted',
    tool_cache: directories.toolCache,
    temp: directories.temp,
    workspace: directories.workspace
  }
}

interface EventSubject {
  readonly repository: string
  readonly owner: string
  readonly ref: string
  readonly sha: string
  readonly actor: string
  readonly serverUrl: string
}

function buildPayload(event: WorkflowEvent, subject: EventSubject): Readonly<Record<string, unknown>> {
  const { repository, owner, ref, sha, actor, serverUrl } = subject
  const pushed =
    event.name === 'push'
      ? { ref, before: NO_COMMIT, after: sha, created: false, deleted: false, forced: false, head_commit: { id: sha } }
      : {}
  return {
    ...pushed,
    repository: {
      name: repository.slice(owner.length + 1),
      full_name: repository,
      html_url: `${serverUrl}/${repository}`,
      owner: { login: owner, name: owner }
    },
    sender: { login: actor },
    ...event.payload
  }
}

/** The branch that a pull request's `base` or `head` names, else nothing. */
function branchOf(pullRequest: unknown, side: 'base' | 'head'): string {
  const ref = member(member(pullRequest, side), 'ref')
  return typeof ref === 'string' ? ref : ''
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
