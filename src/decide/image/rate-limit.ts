/** What a registry says of its limit, as headers by their lower-case names. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** How many pulls are allowed in how many seconds, and how many of them are left. */
export interface RateLimit {
  readonly pulls: number
  readonly windowSeconds: number | undefined
  readonly left: number | undefined
}

/** Docker Hub's headers, e.g. `ratelimit-limit: 100;w=21600`; https://docs.docker.com/docker-hub/usage/pulls/ */
export function readRateLimit(headers: Headers): RateLimit | undefined {
  const [pulls, windowSeconds] = readFigure(headers['ratelimit-limit'])
  if (pulls === undefined) return undefined
  return { pulls, windowSeconds, left: readFigure(headers['ratelimit-remaining'])[0] }
}

/** The limit in words: `100 pulls in 6 h, and 0 are left`. */
export function describeRateLimit({ pulls, windowSeconds, left }: RateLimit): string {
  const window = windowSeconds === undefined ? '' : ` in ${describeSeconds(windowSeconds)}`
  return `${pulls} pulls${window}${left === undefined ? '' : `, and ${left} are left`}`
}

/** Milliseconds until a registry wants to be asked again, by `Retry-After` in either of its forms. */
export function readRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const value = headers['retry-after']
  if (typeof value !== 'string') return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  // JavaScript takes nearly anything for a date.
  const at = /^[A-Z][a-z]{2}, \d/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

function readFigure(value: string | readonly string[] | undefined): readonly [number?, number?] {
  const match = typeof value === 'string' ? /^(\d{1,9})(?:;w=(\d{1,9}))?/.exec(value) : null
  if (match === null) return []
  return match[2] === undefined ? [Number(match[1])] : [Number(match[1]), Number(match[2])]
}

function describeSeconds(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}
