import { Failure } from '../../failure.ts'
import { type EventPayload, isTrueAt, numberAt, textAt } from './payload.ts'

/** The event that started the run, as GitHub describes it. */
export interface TriggerEvent {
  /** `push`, `pull_request`, … */
  readonly name: string
  /** GITHUB_REF, e.g. `refs/heads/main`; may be empty. */
  readonly ref: string
  /** GITHUB_SHA. */
  readonly sha: string
  readonly payload: EventPayload
}

/** The inputs `sha` and `ref`, when they were given. */
export interface CommitOverrides {
  readonly sha?: string
  readonly ref?: string
}

/** The commit that an image is built from, and the name under which its tag speaks of it. */
export interface Commit {
  readonly kind: 'branch' | 'tag' | 'pull-request'
  /** Branch or git tag without `refs/…/`; `pr-12` for a pull request whose branch must not be named. */
  readonly name: string
  /** Full commit id in lower case, 40 or 64 hex digits. */
  readonly sha: string
  /** Is it only proposed: of a pull request or a merge queue, and in no branch that it could be released from? */
  readonly isProposed: boolean
  /** One sentence, when this is not simply the event's own ref and commit. */
  readonly why: string | undefined
}

const FULL_SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const SHOWN_DIGITS = 10

/**
 * Which commit the run is about. `head` is what is checked out (`git rev-parse HEAD`), when that is known: an image is
 * built from the checkout and not from the event, so where the two differ the tag names the checkout and says so.
 * `found` says how that commit is known.
 */
export function describeCommit(
  event: TriggerEvent,
  overrides: CommitOverrides = {},
  head?: string,
  found = 'is checked out'
): Commit {
  if (overrides.sha !== undefined && overrides.ref !== undefined) {
    return given(
      parseRef(overrides.ref),
      parseSha(overrides.sha, "the input 'sha'"),
      "named by the inputs 'sha' and 'ref'"
    )
  }
  const [first, ...others] = candidates(event.ref === '' ? { ...event, ref: overrides.ref ?? '' } : event)
  const commit = [first, ...others].find(candidate => candidate.sha === head?.toLowerCase()) ?? first
  if (overrides.sha !== undefined) {
    return given(commit, parseSha(overrides.sha, "the input 'sha'"), "named by the input 'sha'")
  }
  const named: NamedRef = overrides.ref === undefined ? commit : parseRef(overrides.ref)
  if (head !== undefined && head.toLowerCase() !== commit.sha) {
    const built = parseSha(head, 'the commit that is checked out')
    return given(
      named,
      built,
      `${short(built)} ${found}, not ${short(commit.sha)}, which started the run: the tag names what is built`
    )
  }
  return given(named, commit.sha, overrides.ref === undefined ? commit.why : "named by the input 'ref'")
}

/** Reads a full commit id; `invalid-input` for an abbreviated one, because its length depends on the clone. */
export function parseSha(text: string, source: string): string {
  const sha = text.toLowerCase()
  if (FULL_SHA.test(sha)) return sha
  throw new Failure('invalid-input', `${source} is '${text}', which is no full commit id`, {
    remedy: 'give all 40 hex digits, as git rev-parse HEAD prints them'
  })
}

type NamedRef = Pick<Commit, 'kind' | 'name' | 'isProposed'>
type Candidates = readonly [Commit, ...Commit[]]

/** What may have been checked out, the most likely first. */
function candidates(event: TriggerEvent): Candidates {
  switch (event.name) {
    case 'pull_request':
    case 'pull_request_review':
    case 'pull_request_review_comment':
      return ofPullRequest(event)
    case 'pull_request_target':
      return ofPullRequestTarget(event)
    case 'merge_group':
      return [ofMergeGroup(event)]
    case 'workflow_run':
      return [ofWorkflowRun(event), baseBranch(event, 'a workflow_run event checks out')]
    case 'delete':
      throw nothingLeft(event)
    case 'push':
      if (isTrueAt(event.payload, 'deleted') || /^0+$/.test(event.sha)) throw nothingLeft(event)
      return [asIs(event)]
    default:
      return [asIs(event)]
  }
}

function asIs(event: TriggerEvent): Commit {
  return given(parseRef(event.ref), shaOf(event.sha, `the commit of the ${event.name} event`), undefined)
}

function ofPullRequest(event: TriggerEvent): Candidates {
  const merged = mergedPullRequest(event)
  if (merged !== undefined) return merged
  const merge = given(
    proposal(pullRequestName(event)),
    shaOf(event.sha, 'the merge commit'),
    `the throw-away merge commit of ${pullRequestName(event)} is checked out, which is in no branch`
  )
  return [headOfPullRequest(event), merge]
}

function ofPullRequestTarget(event: TriggerEvent): Candidates {
  const base = baseBranch(event, 'a pull_request_target event checks out')
  return [...(mergedPullRequest(event) ?? ([headOfPullRequest(event)] as const)), base]
}

/** Undefined for a pull request that is not merged. */
function mergedPullRequest(event: TriggerEvent): Candidates | undefined {
  const base = textAt(event.payload, 'pull_request', 'base', 'ref')
  if (!isTrueAt(event.payload, 'pull_request', 'merged') || base === undefined) return undefined
  const sha = shaOf(textAt(event.payload, 'pull_request', 'merge_commit_sha') ?? event.sha, 'the merge commit')
  const why = `${pullRequestName(event)} was merged into ${base}`
  return [given({ kind: 'branch', name: base, isProposed: false }, sha, why), headOfPullRequest(event)]
}

/** A fork's `main` is not this repository's `main`, so a fork's branch never gives the name. */
function headOfPullRequest(event: TriggerEvent): Commit {
  const { payload } = event
  const number = pullRequestName(event)
  const sha = shaOf(textAt(payload, 'pull_request', 'head', 'sha') ?? '', `the head of ${number}`)
  const branch = textAt(payload, 'pull_request', 'head', 'ref')
  const from = textAt(payload, 'pull_request', 'head', 'repo', 'full_name')
  const to = textAt(payload, 'pull_request', 'base', 'repo', 'full_name')
  if (branch === undefined || from === undefined || from !== to) {
    return given(proposal(number), sha, `${number} comes from ${from ?? 'a deleted fork'}`)
  }
  const head: NamedRef = { kind: 'branch', name: branch, isProposed: true }
  return given(head, sha, `the tag names the head of ${number}, not its merge commit`)
}

/** The event is nobody's to correct: the inputs go before it. */
function shaOf(text: string, what: string): string {
  const sha = text.toLowerCase()
  if (FULL_SHA.test(sha)) return sha
  const why =
    text === '' ? `the event does not say what ${what} is` : `${what} is '${text}', which is no full commit id`
  throw new Failure('invalid-input', why, {
    remedy: "name the commit, all 40 hex digits of it, and its branch in the inputs 'sha' and 'ref'"
  })
}

function proposal(name: string): NamedRef {
  return { kind: 'pull-request', name, isProposed: true }
}

function pullRequestName(event: TriggerEvent): string {
  const number = numberAt(event.payload, 'pull_request', 'number') ?? numberAt(event.payload, 'number')
  if (number === undefined) throw unknownRef(event.ref)
  return `pr-${number}`
}

function ofMergeGroup(event: TriggerEvent): Commit {
  const base = textAt(event.payload, 'merge_group', 'base_ref') ?? ''
  const sha = shaOf(textAt(event.payload, 'merge_group', 'head_sha') ?? event.sha, 'the head of the merge group')
  const number = /\/pr-(\d+)-[0-9a-f]+$/.exec(event.ref)?.[1]
  const named = parseRef(base)
  const through = number === undefined ? '' : ` for pr-${number}`
  return given(
    { ...named, isProposed: true },
    sha,
    `the merge queue of ${named.name} runs${through}, and this commit becomes its next tip`
  )
}

function ofWorkflowRun(event: TriggerEvent): Commit {
  const { payload } = event
  const branch = textAt(payload, 'workflow_run', 'head_branch')
  const sha = shaOf(textAt(payload, 'workflow_run', 'head_sha') ?? '', 'the commit of the workflow run')
  if (branch === undefined) throw unknownRef('')
  const from = textAt(payload, 'workflow_run', 'head_repository', 'full_name')
  const own = textAt(payload, 'workflow_run', 'repository', 'full_name') ?? textAt(payload, 'repository', 'full_name')
  if (from === undefined) return given(proposal(`fork:${branch}`), sha, 'the workflow ran for a deleted fork')
  if (from !== own) {
    const owner = from.slice(0, from.indexOf('/'))
    return given(proposal(`${owner}:${branch}`), sha, `the workflow ran for the fork ${from}`)
  }
  return given(
    { kind: 'branch', name: branch, isProposed: isProposal(textAt(payload, 'workflow_run', 'event')) },
    sha,
    'the tag names the commit of the workflow run that triggered this one'
  )
}

/** Did an event start that run which is about what is not merged yet? */
function isProposal(event: string | undefined): boolean {
  return event === 'merge_group' || event?.startsWith('pull_request') === true
}

/** These events check out the default branch unless the workflow says otherwise. */
function baseBranch(event: TriggerEvent, why: string): Commit {
  const commit = asIs(event)
  return { ...commit, why: `${why} ${commit.name}, so that is what the tag names` }
}

function parseRef(ref: string): NamedRef {
  const [, room, name] = /^refs\/(heads|tags)\/(.+)$/s.exec(ref) ?? []
  if (name !== undefined) return { kind: room === 'tags' ? 'tag' : 'branch', name, isProposed: false }
  const number = /^refs\/pull\/(\d+)\//.exec(ref)?.[1]
  if (number !== undefined) return proposal(`pr-${number}`)
  if (ref === '' || ref.startsWith('refs/')) throw unknownRef(ref)
  return { kind: 'branch', name: ref, isProposed: false }
}

function unknownRef(ref: string): Failure {
  const what =
    ref === '' ? 'the event names no branch, tag or pull request' : `'${ref}' is no branch, tag or pull request`
  return new Failure('invalid-input', what, { remedy: "name it in the input 'ref', e.g. refs/heads/main" })
}

function nothingLeft(event: TriggerEvent): Failure {
  const ref = textAt(event.payload, 'ref') ?? event.ref
  return new Failure('invalid-input', `a ${event.name} event that deletes ${ref} leaves nothing to build or deploy`, {
    remedy: "skip the job for it: if: github.event_name != 'delete' && !github.event.deleted"
  })
}

function given({ kind, name, isProposed }: NamedRef, sha: string, why: string | undefined): Commit {
  return { kind, name, sha, isProposed, why }
}

function short(sha: string): string {
  return sha.slice(0, SHOWN_DIGITS)
}
