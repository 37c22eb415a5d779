import { createHash } from 'node:crypto'
import type { BlobStore, BlobWriter } from './blobs.ts'
import { EcrFault } from './fault.ts'
import type { Repository } from './repository.ts'

const MIN_PART_BYTES = 5 * 1024 * 1024

/** Part size that ECR asks for, in bytes. */
export const PART_BYTES = 10 * 1024 * 1024

/** A layer on its way in, over either API. */
export interface Upload {
  readonly id: string
  readonly repository: Repository
  readonly writer: BlobWriter
  /** Sizes of the parts received so far, in bytes. */
  readonly parts: number[]
}

/** The layer uploads under way. */
export class Uploads {
  readonly #blobs: BlobStore
  readonly #open = new Map<string, Upload>()
  #started = 0

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /** Begins an upload. Its id looks like the UUID that ECR hands out, and repeats from run to run. */
  start(repository: Repository): Upload {
    const hex = createHash('sha256').update(`${repository.name} ${this.#started++}`).digest('hex')
    const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
    const upload = { id, repository, writer: this.#blobs.writer(), parts: [] }
    this.#open.set(id, upload)
    return upload
  }

  /** The upload with this id into this repository. */
  find(repository: Repository, id: string): Upload {
    const upload = this.#open.get(id)
    if (upload?.repository === repository) return upload
    throw new EcrFault(
      'UploadNotFound',
      `Upload with id '${id}' does not exist in the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`
    )
  }

  /** Takes all of a request's body and counts it as one part. */
  async receive(upload: Upload, body: AsyncIterable<Uint8Array>): Promise<void> {
    const before = upload.writer.size
    for await (const chunk of body) await upload.writer.append(chunk)
    if (upload.writer.size > before) upload.parts.push(upload.writer.size - before)
  }

  /** Takes one part at once, so that the next caller sees it counted. */
  receivePart(upload: Upload, part: Uint8Array): Promise<void> {
    upload.parts.push(part.length)
    return upload.writer.append(part)
  }

  /** Ends an upload: the digest of what was received, which must be one of `wanted`, becomes a layer of the repository. */
  async complete(upload: Upload, wanted: readonly string[]): Promise<string> {
    const { id, repository, writer } = upload
    this.#open.delete(id)
    const digest = await this.#blobs.keep(writer)
    if (!wanted.includes(digest)) {
      throw new EcrFault('InvalidLayer', `Layer digest '${digest}' does not match the digest '${wanted.join(', ')}'`)
    }
    repository.layers.add(digest)
    return digest
  }

  /** Gives an upload up. */
  async cancel(upload: Upload): Promise<void> {
    this.#open.delete(upload.id)
    await upload.writer.discard()
  }
}

/** Refuses an upload that the layer API could not complete: nothing received, or a part too small before the last. */
export function checkParts(upload: Upload): void {
  if (upload.writer.size === 0) {
    throw new EcrFault('EmptyUpload', `The upload with id '${upload.id}' does not contain any layer parts`)
  }
  if (upload.parts.slice(0, -1).some(size => size < MIN_PART_BYTES)) {
    throw new EcrFault('LayerPartTooSmall', `Layer parts must be at least ${MIN_PART_BYTES} bytes in size`)
  }
}
