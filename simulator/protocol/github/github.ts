import type { GitHub } from '../../cloud/github/github.ts'
import { jsonResponse, type Answer, type Call } from '../call.ts'
import { readBody, type SimRequest } from '../message.ts'
import type { Json, JsonObject } from '../operation.ts'
import { GitHubError, ROUTES } from './routes.ts'

/** Where GitHub's REST API starts, as on GitHub Enterprise Server. */
export const GITHUB_PREFIX = '/api/v3'

/** Reads one request to `/api/v3/…` as far as it says what is wanted. */
export async function readGitHubCall(request: SimRequest, gitHub: GitHub, host: string): Promise<Call> {
  const path = request.path.slice(GITHUB_PREFIX.length)
  const [, owner = '', name = '', rest = ''] = /^\/repos\/([^/]+)\/([^/]+)\/(.+)$/.exec(path) ?? []
  const text = (await readBody(request.body)).toString('utf8')
  const body = parseBody(text)
  const route = ROUTES.find(candidate => candidate.method === request.method && candidate.pattern.test(rest))
  return {
    service: 'github',
    operation: `${request.method} ${route?.noun ?? path}`,
    request: { path, query: Object.fromEntries(request.query), body: body ?? text },
    refuse: ({ code, message, status }) => errorAnswer(status, message, code),
    run() {
      try {
        if (!/^(bearer|token) \S+/i.test(request.headers['authorization'] ?? '')) {
          throw new GitHubError(401, 'Requires authentication')
        }
        if (body === undefined) throw new GitHubError(400, 'Problems parsing JSON')
        const repository = gitHub.repository(`${owner}/${name}`)
        if (route === undefined || repository === undefined) throw new GitHubError(404, 'Not Found')
        const captured = decodeURIComponent(route.pattern.exec(rest)?.[1] ?? '')
        const url = `http://${host}${GITHUB_PREFIX}/repos/${repository.name}`
        const result = route.run({ gitHub, repository, query: request.query, body, captured, url })
        return Promise.resolve({ response: jsonResponse(route.status, result) })
      } catch (error) {
        if (error instanceof GitHubError) return Promise.resolve(errorAnswer(error.status, error.message))
        throw error
      }
    }
  }
}

function errorAnswer(status: number, message: string, code: string = String(status)): Answer {
  const body = { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }
  return { response: jsonResponse(status, body), error: code }
}

function parseBody(text: string): JsonObject | undefined {
  if (text === '') return {}
  try {
    const value = JSON.parse(text) as Json
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
