import { describeRateLimit, readRateLimit, readRetryAfter } from '../../decide/image/rate-limit.ts'
import { objectsOf, asObject, textAt, type Json } from '../../decide/json.ts'
import { Failure } from '../../failure.ts'
import { readShort, unreachable, type HttpAnswer } from './http.ts'

/** Whose answer it is, and to what: `docker.io`, and `the manifest 1.2.3 of library/nginx`. */
export interface Subject {
  readonly registry: string
  readonly what: string
  /** Takes out of a registry's words what we told it: some quote the whole request. */
  readonly hide: (words: string) => string
}

/** A failure that may be gone in a moment. */
export class Transient extends Failure {
  /** How long the registry wants to be left alone, in milliseconds; undefined when it does not say. */
  readonly pauseMs: number | undefined

  constructor(failure: Failure, pauseMs?: number) {
    super(failure.code, failure.message, {
      ...(failure.remedy !== undefined && { remedy: failure.remedy }),
      cause: failure.cause
    })
    this.pauseMs = pauseMs
  }
}

/** Throws what a body that broke off means. */
export function brokenBody(url: URL): (error: unknown) => never {
  return error => {
    throw new Transient(unreachable(url, error))
  }
}

/** More would only fill the log; registries answer in a sentence. */
const LONGEST_WORDS = 300
const LONGEST_BODY_BYTES = 64 * 1024

const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 500, 502, 503, 504, 522, 524])

/** What an answer that was not wanted means; it reads the body for the registry's own words. */
export async function explainRefusal(answer: HttpAnswer, subject: Subject, nowMs: number): Promise<Failure> {
  const body = await readShort(answer.body, LONGEST_BODY_BYTES).catch(() => undefined)
  const words = subject.hide(readWords(body?.toString('utf8') ?? '')).slice(0, LONGEST_WORDS)
  const { status } = answer
  if (status === 429) return explainLimit(answer, subject, words, nowMs)
  const answered = `${subject.registry} answered ${String(status)} to ${subject.what}`
  const said = `${answered}${words === '' ? '' : `: ${words}`}`
  if (status === 401 || status === 403) {
    return new Failure('access-denied', said, { remedy: remedyForDenial(words, subject.registry) })
  }
  if (status === 404) return new Failure('image-not-found', said, { remedy: 'check the name and the tag' })
  if (!TRANSIENT.has(status)) return new Failure('registry-error', said)
  const pauseMs = readRetryAfter(answer.headers, nowMs)
  const remedy = `run this job again when that time is over; whether more is wrong, those who run ${subject.registry} know`
  const details = pauseMs === undefined ? {} : { remedy }
  return new Transient(new Failure('registry-error', `${said}${describePause(pauseMs)}`, details), pauseMs)
}

function describePause(pauseMs: number | undefined): string {
  return pauseMs === undefined ? '' : `; it asks to wait ${String(Math.ceil(pauseMs / 1000))} s`
}

function remedyForDenial(words: string, registry: string): string {
  // ECR names the right.
  const right = /not authorized to perform: (ecr:\w+)/.exec(words)?.[1]
  if (right !== undefined) return `allow ${right} in the policy of the role that this job assumes`
  return (
    `check the name, and log in to ${registry} before this step, e.g. with docker/login-action: ` +
    'registries also answer this way when an image is private or not there'
  )
}

function explainLimit({ headers }: HttpAnswer, { registry, what }: Subject, words: string, nowMs: number): Failure {
  const limit = readRateLimit(headers)
  const allowed = limit === undefined ? '' : `; ${registry} allows ${describeRateLimit(limit)}`
  const pauseMs = readRetryAfter(headers, nowMs)
  const failure = new Failure(
    'pull-rate-limited',
    `${registry} refuses ${what} because of its rate limit${words === '' ? '' : `: ${words}`}${allowed}${describePause(pauseMs)}`,
    {
      remedy:
        `log in to ${registry} before this step, or in mode mirror give 'source-username' and 'source-password': ` +
        'whoever asks without an account shares the limit with all others behind the same address'
    }
  )
  const isUsedUp = limit?.left === 0 && pauseMs === undefined
  return isUsedUp ? failure : new Transient(failure, pauseMs)
}

/** The sentences of an error document, or a plain text as it is. */
function readWords(text: string): string {
  let document: Json
  try {
    document = JSON.parse(text) as Json
  } catch {
    return text.startsWith('<') ? '' : text.trim()
  }
  const object = asObject(document)
  if (object === undefined) return ''
  const errors = objectsOf(object['errors']).map(error => {
    const code = textAt(error, 'code') ?? ''
    const message = textAt(error, 'message') ?? ''
    return message === '' ? code : `${message}${code === '' ? '' : ` (${code})`}`
  })
  return errors.length > 0 ? errors.join('; ') : (textAt(object, 'details') ?? textAt(object, 'message') ?? '')
}
