import { createHash } from 'node:crypto'
import type { Descriptor } from '../../decide/image/contents.ts'
import { Failure } from '../../failure.ts'
import { noteRead } from './garbage.ts'
import { unreachable, type HttpAnswer } from './http.ts'
import { Transient } from './refusal.ts'
import { pauseAfter } from './retry.ts'
import type { Session } from './session.ts'

/** A broken download that came this far since the last break counts as a new one, in bytes. */
const PROGRESS_BYTES = 1024 * 1024

/**
 * The bytes of a blob as they come. A download that breaks is resumed where it broke. It ends well only when they have
 * the size and the digest that were promised; else it fails with `digest-mismatch`, and what was read is worth nothing.
 */
export async function* readBlob(session: Session, repository: string, blob: Descriptor): AsyncGenerator<Uint8Array> {
  const what = `the blob ${blob.digest} of ${repository}`
  const hash = createHash('sha256')
  let offset = 0
  let brokeAt = 0
  let tried = 0
  while (offset < blob.size || blob.size === 0) {
    try {
      for await (const chunk of await openAt(session, repository, blob, offset)) {
        offset += chunk.length
        if (offset > blob.size)
          throw mismatch(session, what, `it has more than the ${String(blob.size)} bytes promised`)
        hash.update(chunk)
        yield chunk
        noteRead(chunk.length)
      }
      // A body of unknown length that ends early says nothing about it.
      if (offset < blob.size) throw new Error(`it ended after ${String(offset)} of ${String(blob.size)} bytes`)
      break
    } catch (error) {
      session.signal.throwIfAborted()
      if (error instanceof Failure) throw error
      tried = offset - brokeAt >= PROGRESS_BYTES ? 1 : tried + 1
      brokeAt = offset
      const broken = new Transient(unreachable(new URL(`https://${session.registry}`), error))
      if (tried >= session.attempts) throw broken
      await pauseAfter(session, `the download of ${what}`, broken, tried)
    }
  }
  const digest = `sha256:${hash.digest('hex')}`
  if (digest !== blob.digest) throw mismatch(session, what, `its bytes are those of ${digest}`)
}

/** The body of a blob from `offset` on. */
async function openAt(
  session: Session,
  repository: string,
  blob: Descriptor,
  offset: number
): Promise<AsyncIterable<Uint8Array>> {
  const answer = await session.request({
    method: 'GET',
    url: `/v2/${repository}/blobs/${blob.digest}`,
    what: `the blob ${blob.digest} of ${repository}`,
    scope: `repository:${repository}:pull`,
    expects: [200, 206],
    ...(offset > 0 && { headers: { range: `bytes=${String(offset)}-` } })
  })
  if (answer.status === 200) return offset === 0 ? answer.body : skip(answer, offset)
  const start = /^bytes (\d+)-/.exec(answer.headers['content-range'] ?? '')?.[1]
  if (Number(start) === offset) return answer.body
  answer.body.destroy()
  throw new Failure('registry-error', `${session.registry} resumes a download elsewhere than it was asked to`)
}

/** A server that knows no ranges begins anew, and what is there already is passed over. */
async function* skip(answer: HttpAnswer, offset: number): AsyncGenerator<Uint8Array> {
  let left = offset
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    if (chunk.length <= left) left -= chunk.length
    else {
      yield left === 0 ? chunk : chunk.subarray(left)
      left = 0
    }
  }
}

function mismatch({ registry }: Session, what: string, why: string): Failure {
  return new Failure('digest-mismatch', `${registry} delivered other bytes for ${what}: ${why}`, {
    remedy: 'run this job again; if it stays so, the registry or something on the way to it is damaged'
  })
}
