import type { Descriptor } from '../../decide/image/contents.ts'
import { Failure } from '../../failure.ts'
import { PartReader } from './parts.ts'
import { Transient } from './refusal.ts'
import { pauseAfter } from './retry.ts'
import { locationOf, nameOf, pushScope, sendPart, UploadLost, type UploadOrder } from './send-part.ts'
import type { Session } from './session.ts'

/**
 * Bytes sent at once, and lost at most when the connection breaks. ECR takes no part below 5 MiB but the last.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
 */
export const PART_BYTES = 5 * 1024 * 1024

/** A registry looks through all of a blob before it says that it has it. */
const FINISH_SILENCE_MS = 300_000

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
      order.continuation.fail()
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
