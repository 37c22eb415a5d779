import type { Descriptor } from '../../decide/image/contents.ts'
import { Failure } from '../../failure.ts'
import { PartReader, type PartBuffers } from './parts.ts'
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
  /** Reads the blob from its beginning; fails before its end when its bytes are not those of its digest. */
  readonly read: () => AsyncIterable<Uint8Array>
  /** Told how many bytes arrived for good; less than nothing when an upload has to begin anew. */
  readonly onBytes: (bytes: number) => void
}

/**
 * Bytes sent at once, and lost at most when the connection breaks. ECR takes no part below 5 MiB but the last.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
 */
export const PART_BYTES = 5 * 1024 * 1024

/** A registry looks through all of a blob before it says that it has it. */
const FINISH_SILENCE_MS = 300_000

/** The registry does not know any more what it got: the upload begins anew. */
class UploadLost extends Error {}

/**
 * Sends a blob in parts, each repeated by itself when it is lost, or has it mounted. Nothing is completed before all
 * bytes were read and their digest is right. Returns how it came there.
 */
export async function uploadBlob(session: Session, order: UploadOrder): Promise<'mounted' | 'sent'> {
  for (let upload = 1; ; upload++) {
    const location = await begin(session, order)
    if (location === undefined) return 'mounted'
    const sent = { bytes: 0 }
    const onBytes = (bytes: number): void => {
      sent.bytes += bytes
      order.onBytes(bytes)
    }
    try {
      await sendAll(session, { ...order, onBytes }, location)
      return 'sent'
    } catch (error) {
      order.onBytes(-sent.bytes)
      if (!(error instanceof UploadLost)) throw error
      const lost = new Failure(
        'registry-error',
        `${session.registry} lost the upload of ${nameOf(order)}: ${error.message}`
      )
      if (upload >= session.attempts) throw lost
      await pauseAfter(session, `the upload of ${nameOf(order)}`, new Transient(lost), upload)
    }
  }
}

/** Begins an upload and returns where its bytes go; undefined when the blob was mounted instead. */
async function begin(session: Session, { repository, blob, mountFrom }: UploadOrder): Promise<string | undefined> {
  const query = mountFrom === undefined ? '' : `?mount=${blob.digest}&from=${encodeURIComponent(mountFrom)}`
  const answer = await session.read({
    method: 'POST',
    url: `/v2/${repository}/blobs/uploads/${query}`,
    what: `the beginning of an upload to ${repository}`,
    scope: `repository:${repository}:pull,push`,
    expects: mountFrom === undefined ? [202] : [201, 202],
    headers: { 'content-length': '0' }
  })
  return answer.status === 201 ? undefined : locationOf(answer.headers.location, session)
}

async function sendAll(session: Session, order: UploadOrder, started: string): Promise<void> {
  const { blob, onBytes } = order
  const parts = new PartReader(order.read(), order.buffers, Math.min(PART_BYTES, Math.max(1, blob.size)))
  let isDone = false
  try {
    if (blob.size <= PART_BYTES) {
      const all = await parts.next()
      await parts.end()
      await finish(session, order, started, all)
      onBytes(blob.size)
      isDone = true
      return
    }
    let location = started
    for (let offset = 0; offset < blob.size;) {
      const part = await parts.next()
      location = await sendPart(session, order, { location, offset, part })
      offset += part.length
      onBytes(part.length)
    }
    await parts.end()
    await finish(session, order, location, undefined)
    isDone = true
  } finally {
    await parts.close(isDone)
  }
}

interface Part {
  readonly location: string
  readonly offset: number
  readonly part: Uint8Array
}

/** Sends one part and returns where the next one goes. */
async function sendPart(session: Session, order: UploadOrder, wanted: Part): Promise<string> {
  const end = wanted.offset + wanted.part.length
  let { location } = wanted
  /** Where the registry may be: at the beginning of the part until an answer is lost. */
  let candidates: readonly number[] = [wanted.offset]
  for (let tried = 1; ; tried++) {
    try {
      for (const offset of candidates) {
        if (offset === end) return location
        const next = await patch(session, order, {
          location,
          offset,
          part: wanted.part.subarray(offset - wanted.offset)
        })
        if (next !== undefined) return next
      }
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

/** Sends bytes; undefined when the registry says that they do not belong there. */
async function patch(
  session: Session,
  order: UploadOrder,
  { location, offset, part }: Part
): Promise<string | undefined> {
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
  return answer.status === 416 ? undefined : locationOf(answer.headers.location ?? location, session)
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

/** Completes an upload, with all the bytes when they are few; a lost answer is made up for by a look whether it is there. */
async function finish(
  session: Session,
  order: UploadOrder,
  location: string,
  body: Uint8Array | undefined
): Promise<void> {
  const url = `${location}${location.includes('?') ? '&' : '?'}digest=${order.blob.digest}`
  for (let tried = 1; ; tried++) {
    try {
      const answer = await session.read({
        method: 'PUT',
        url,
        what: nameOf(order),
        scope: pushScope(order),
        // The bytes were right when they left: a registry that objects to them now has lost or doubled some.
        expects: [201, 204, 400, 404, 416],
        headers: { 'content-type': 'application/octet-stream' },
        body: body ?? new Uint8Array(0),
        repeats: false,
        silenceMs: FINISH_SILENCE_MS
      })
      if (answer.status < 300) return
      throw new UploadLost(`it answered ${String(answer.status)} to the end of it`)
    } catch (error) {
      const isLost = error instanceof Transient || error instanceof UploadLost
      if (!isLost) throw error
      if (await hasBlob(session, order.repository, order.blob)) return
      if (error instanceof UploadLost || tried >= session.attempts) throw error
      await pauseAfter(session, `the upload of ${nameOf(order)}`, error, tried)
      // What arrived of the bytes before the connection broke is not known.
      if (body !== undefined) throw new UploadLost('the connection broke')
    }
  }
}

/** Whether a repository has a blob. */
export async function hasBlob(session: Session, repository: string, blob: Descriptor): Promise<boolean> {
  const answer = await session.read({
    method: 'HEAD',
    url: `/v2/${repository}/blobs/${blob.digest}`,
    what: `the blob ${blob.digest} of ${repository}`,
    scope: `repository:${repository}:pull,push`,
    expects: [200, 404]
  })
  return answer.status === 200
}

function pushScope({ repository }: UploadOrder): string {
  return `repository:${repository}:pull,push`
}

function nameOf({ blob, repository }: UploadOrder): string {
  return `the blob ${blob.digest} for ${repository}`
}

function locationOf(location: string | undefined, { registry }: Session): string {
  if (location !== undefined) return location
  throw new Failure('registry-error', `${registry} does not say where an upload goes`)
}
