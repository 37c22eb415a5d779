import type { Descriptor } from '../../decide/image/contents.ts'
import { Failure } from '../../failure.ts'
import type { PartBuffers } from './parts.ts'
import { Transient } from './refusal.ts'
import { pauseAfter } from './retry.ts'
import type { Session } from './session.ts'

/** Where a blob goes, and from where it could be had without sending it. */
export interface UploadOrder {
  readonly repository: string
  readonly blob: Descriptor
  /** Another repository of the same registry that has the blob. */
  readonly mountFrom: string | undefined
  /** Buffers of PART_BYTES. */
  readonly buffers: PartBuffers
  /** Shared by the uploads to one repository. */
  readonly continuation: Continuation
  /** Reads the blob from its beginning; fails before its end when its bytes are not those of its digest. */
  readonly read: () => AsyncIterable<Uint8Array>
  /** Told how many bytes arrived for good; less than nothing when an upload has to begin anew. */
  readonly onBytes: (bytes: number) => void
}

/**
 * Whether parts are continued where they were cut. ECR wants 5 MiB of every part but the last, and may count the two
 * halves as parts of their own; it would say so only at the end of the upload. Once is enough to find out.
 */
export class Continuation {
  #isRefused = false
  #isBegun = false

  /** Says whether a part may be continued, and takes note that one is. */
  begin(): boolean {
    this.#isBegun ||= !this.#isRefused
    return !this.#isRefused
  }

  /** An upload came to nothing, perhaps because a part of it was continued. */
  fail(): void {
    this.#isRefused ||= this.#isBegun
  }
}

/** The registry does not know any more what it got: the upload begins anew. */
export class UploadLost extends Error {}

/** Bytes of a blob, and where they belong. */
export interface Part {
  readonly location: string
  readonly offset: number
  readonly part: Uint8Array
}

/** How often a registry is believed when it says where a part goes on; it may still be taking what came before a cut. */
const MOST_CORRECTIONS = 3

/**
 * Sends one part and returns where the next one goes. When its answer is lost the registry is asked how much it has, and
 * the rest of the part is sent; throws UploadLost when nobody knows.
 */
export async function sendPart(session: Session, order: UploadOrder, wanted: Part): Promise<string> {
  const end = wanted.offset + wanted.part.length
  let { location } = wanted
  /** Where the registry may be: at the beginning of the part until an answer is lost. */
  let candidates: readonly number[] = [wanted.offset]
  for (let tried = 1; ; tried++) {
    try {
      const next = await sendRest(session, order, { ...wanted, location }, candidates)
      if (next !== undefined) return next
      throw new UploadLost('nobody knows how much of a part arrived')
    } catch (error) {
      if (!(error instanceof Transient) || tried >= session.attempts) throw error
      await pauseAfter(session, `the upload of ${nameOf(order)}`, error, tried)
      const status = await askOffset(session, order, location)
      location = status.location
      // ECR goes on naming the end of the first part, so what lies before this part is no answer.
      const isAnswer = status.offset > wanted.offset && status.offset <= end
      candidates = isAnswer ? [status.offset] : [wanted.offset, end]
    }
  }
}

/** Sends a part from the first of the candidates that the registry takes; undefined when it takes none. */
async function sendRest(
  session: Session,
  order: UploadOrder,
  { location, offset: start, part }: Part,
  candidates: readonly number[]
): Promise<string | undefined> {
  const end = start + part.length
  let left = candidates
  for (let corrections = 0; ;) {
    const [offset, ...others] = left
    if (offset === undefined) return undefined
    if (offset === end) return location
    if (offset > start && !order.continuation.begin()) return undefined
    const answer = await patch(session, order, { location, offset, part: part.subarray(offset - start) })
    if (answer.kind === 'taken') return answer.location
    const { expected } = answer
    const isHelp = expected !== undefined && expected >= start && expected <= end && corrections < MOST_CORRECTIONS
    if (isHelp) corrections += 1
    left = isHelp ? [expected] : others
  }
}

type PatchAnswer =
  | { readonly kind: 'taken'; readonly location: string }
  /** The bytes do not belong there; `expected` is the offset of those that do, where the registry says so. */
  | { readonly kind: 'misplaced'; readonly expected: number | undefined }

async function patch(session: Session, order: UploadOrder, { location, offset, part }: Part): Promise<PatchAnswer> {
  const answer = await session.read({
    method: 'PATCH',
    url: location,
    what: `a part of ${nameOf(order)}`,
    scope: pushScope(order),
    expects: [201, 202, 204, 404, 416],
    headers: {
      'content-type': 'application/octet-stream',
      'content-range': `${String(offset)}-${String(offset + part.length - 1)}`
    },
    body: part,
    repeats: false
  })
  if (answer.status === 404) throw new UploadLost('it does not know the upload any more')
  if (answer.status === 416) return { kind: 'misplaced', expected: expectedIn(answer.body) }
  return { kind: 'taken', location: locationOf(answer.headers.location ?? location, session) }
}

/**
 * ECR tells in a sentence what its headers hide: "First byte of the layer part is 0 instead of 11304960".
 * https://github.com/apple/containerization/issues/790
 */
function expectedIn(body: Buffer | undefined): number | undefined {
  const told = /is \d+ instead of (\d+)/.exec(body?.toString('utf8') ?? '')?.[1]
  return told === undefined ? undefined : Number(told)
}

/** How many bytes the registry says that it has, and where the next ones go. */
async function askOffset(
  session: Session,
  order: UploadOrder,
  location: string
): Promise<{ readonly offset: number; readonly location: string }> {
  const answer = await session.read({
    method: 'GET',
    url: location,
    what: `the state of the upload of ${nameOf(order)}`,
    scope: pushScope(order),
    expects: [200, 204, 400, 404, 405, 416]
  })
  if (answer.status === 404) throw new UploadLost('it does not know the upload any more')
  const last = /^(?:bytes=)?0-(\d+)$/.exec(answer.headers.range ?? '')?.[1]
  // `0-0` is said of nothing as well as of one byte, and a part has more than one.
  const offset = last === undefined || last === '0' ? 0 : Number(last) + 1
  return { offset, location: locationOf(answer.headers.location ?? location, session) }
}

/** The scope of a token that lets us write there. */
export function pushScope({ repository }: UploadOrder): string {
  return `repository:${repository}:pull,push`
}

/** The blob in sentences. */
export function nameOf({ blob, repository }: UploadOrder): string {
  return `the blob ${blob.digest} for ${repository}`
}

/** Where the next bytes go; `registry-error` when the registry does not say. */
export function locationOf(location: string | undefined, { registry }: Session): string {
  if (location !== undefined) return location
  throw new Failure('registry-error', `${registry} does not say where an upload goes`)
}
