import type { GitHub, GitHubDeployment, GitHubRepository } from '../../cloud/github/github.ts'
import type { JsonObject } from '../operation.ts'
import { renderComment, renderDeployment, renderStatus } from './render.ts'

/** An error as GitHub's REST API answers it. */
export class GitHubError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** A request to a repository that exists. */
export interface Visit {
  readonly gitHub: GitHub
  readonly repository: GitHubRepository
  readonly query: URLSearchParams
  readonly body: JsonObject
  /** What the route's pattern captured. */
  readonly captured: string
  /** URL of the repository, without a slash at the end. */
  readonly url: string
}

/** One endpoint below `/repos/owner/name/`. */
export interface Route {
  readonly method: string
  /** What follows `/repos/owner/name/`. */
  readonly pattern: RegExp
  readonly noun: string
  readonly status: number
  run(visit: Visit): unknown
}

/** Every endpoint that is served. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', pattern: /^deployments$/, noun: 'deployments', status: 200, run: listDeployments },
  { method: 'POST', pattern: /^deployments$/, noun: 'deployments', status: 201, run: createDeployment },
  {
    method: 'GET',
    pattern: /^deployments\/(\d+)$/,
    noun: 'deployments',
    status: 200,
    run: visit => renderDeployment(findDeployment(visit), visit.url)
  },
  {
    method: 'GET',
    pattern: /^deployments\/(\d+)\/statuses$/,
    noun: 'statuses',
    status: 200,
    run: visit =>
      page(findDeployment(visit).statuses, visit).map(status =>
        renderStatus(status, `${visit.url}/deployments/${visit.captured}`)
      )
  },
  { method: 'POST', pattern: /^deployments\/(\d+)\/statuses$/, noun: 'statuses', status: 201, run: createStatus },
  { method: 'GET', pattern: /^compare\/(.+)$/, noun: 'compare', status: 200, run: compare },
  { method: 'GET', pattern: /^issues\/(\d+)\/comments$/, noun: 'comments', status: 200, run: listComments },
  { method: 'POST', pattern: /^issues\/(\d+)\/comments$/, noun: 'comments', status: 201, run: createComment },
  { method: 'PATCH', pattern: /^issues\/comments\/(\d+)$/, noun: 'comments', status: 200, run: updateComment }
]

function listDeployments(visit: Visit): unknown {
  const wanted = ['sha', 'ref', 'task', 'environment'] as const
  const found = visit.repository.deployments.filter(deployment =>
    wanted.every(key => [null, 'none', deployment[key]].includes(visit.query.get(key)))
  )
  return page(found, visit).map(deployment => renderDeployment(deployment, visit.url))
}

function createDeployment(visit: Visit): unknown {
  const { gitHub, repository, body } = visit
  const ref = requireText(body, 'ref')
  const sha = repository.commits.find(ref)
  if (sha === undefined) throw new GitHubError(422, `No ref found for: ${ref}`)
  const deployment = gitHub.deploy(repository, {
    sha,
    ref,
    task: optionalText(body, 'task') ?? 'deploy',
    environment: optionalText(body, 'environment') ?? 'production',
    description: optionalText(body, 'description') ?? null,
    payload: (body['payload'] as JsonObject | string | undefined) ?? {}
  })
  return renderDeployment(deployment, visit.url)
}

const STATES: readonly string[] = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']

function createStatus(visit: Visit): unknown {
  const { gitHub, repository, body } = visit
  const state = requireText(body, 'state')
  if (!STATES.includes(state))
    throw new GitHubError(422, `Validation Failed: state '${state}' is not one of ${STATES.join(', ')}`)
  const description = optionalText(body, 'description') ?? ''
  if (description.length > 140)
    throw new GitHubError(422, 'Validation Failed: description is too long (maximum is 140 characters)')
  const order = {
    state,
    description,
    environmentUrl: optionalText(body, 'environment_url') ?? '',
    logUrl: optionalText(body, 'log_url') ?? ''
  }
  const status = gitHub.setStatus(repository, findDeployment(visit), order, body['auto_inactive'] !== false)
  return renderStatus(status, `${visit.url}/deployments/${visit.captured}`)
}

function compare(visit: Visit): unknown {
  const [base, head] = visit.captured.split('...', 2).map(ref => visit.repository.commits.find(ref))
  if (base === undefined || head === undefined) throw new GitHubError(404, 'Not Found')
  const { status, aheadBy, behindBy, commits } = visit.repository.commits.compare(base, head)
  return {
    url: `${visit.url}/compare/${base}...${head}`,
    status,
    ahead_by: aheadBy,
    behind_by: behindBy,
    total_commits: commits.length,
    commits: commits.map(({ sha, message, parents }) => ({
      sha,
      commit: { message },
      parents: parents.map(parent => ({ sha: parent }))
    })),
    files: []
  }
}

function listComments(visit: Visit): unknown {
  const issue = findIssue(visit)
  const comments = visit.repository.comments.filter(comment => comment.issue === issue)
  return page(comments, visit).map(comment => renderComment(comment, visit.url))
}

function createComment(visit: Visit): unknown {
  const issue = findIssue(visit)
  return renderComment(visit.gitHub.comment(visit.repository, issue, requireText(visit.body, 'body')), visit.url)
}

function updateComment(visit: Visit): unknown {
  const comment = visit.repository.comments.find(candidate => String(candidate.id) === visit.captured)
  if (comment === undefined) throw new GitHubError(404, 'Not Found')
  visit.gitHub.editComment(comment, requireText(visit.body, 'body'))
  return renderComment(comment, visit.url)
}

function findIssue(visit: Visit): number {
  const issue = Number(visit.captured)
  if (!visit.repository.issues.has(issue)) throw new GitHubError(404, 'Not Found')
  return issue
}

function findDeployment(visit: Visit): GitHubDeployment {
  const deployment = visit.repository.deployments.find(candidate => String(candidate.id) === visit.captured)
  if (deployment === undefined) throw new GitHubError(404, 'Not Found')
  return deployment
}

function page<T>(items: readonly T[], visit: Visit): readonly T[] {
  const size = Math.min(Number(visit.query.get('per_page') ?? 30), 100)
  const start = (Number(visit.query.get('page') ?? 1) - 1) * size
  return items.slice(start, start + size)
}

function requireText(body: JsonObject, key: string): string {
  const value = body[key]
  if (typeof value !== 'string' || value === '') {
    throw new GitHubError(422, `Invalid request.\n\n"${key}" wasn't supplied.`)
  }
  return value
}

function optionalText(body: JsonObject, key: string): string | undefined {
  const value = body[key]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new GitHubError(422, `Invalid request.\n\n"${key}" is not a string.`)
  return value
}
