import { createHash } from 'node:crypto'
import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from './digest.ts'

/** Blobs up to this size stay in memory: configs, manifests and the layers of most tests. */
const MEMORY_BYTES = 1024 * 1024

/** First and last byte of a range, both included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

type StoredBlob = { readonly size: number } & ({ readonly bytes: Uint8Array } | { readonly file: string })

/**
 * Bytes found by their sha256, small ones in memory and large ones in a temporary directory. The digest is always
 * computed here from the bytes as they arrive, never believed, so that no other bytes can be found under it.
 */
export class BlobStore {
  readonly #blobs = new Map<string, StoredBlob>()
  #directory: string | undefined
  #files = 0

  /** Size in bytes, or undefined for an unknown digest. */
  size(digest: string): number | undefined {
    return this.#blobs.get(digest)?.size
  }

  /** Stores bytes that are in memory already and returns their digest. */
  put(bytes: Uint8Array): string {
    const digest = digestOf(bytes)
    if (!this.#blobs.has(digest)) this.#blobs.set(digest, { size: bytes.length, bytes: new Uint8Array(bytes) })
    return digest
  }

  /** A writer for bytes that arrive piece by piece. */
  writer(): BlobWriter {
    return new BlobWriter(() => this.#newFile())
  }

  /** Keeps what a writer received and returns its digest; the writer is of no use afterwards. */
  async keep(writer: BlobWriter): Promise<string> {
    const { digest, size, bytes, file } = await writer.finish()
    if (this.#blobs.has(digest)) {
      if (file !== undefined) await rm(file, { force: true })
      return digest
    }
    if (file === undefined) {
      this.#blobs.set(digest, { size, bytes })
      return digest
    }
    const place = join(this.#openDirectory(), digest.slice('sha256:'.length))
    await rename(file, place)
    this.#blobs.set(digest, { size, file: place })
    return digest
  }

  /** The bytes of a known blob, or of a part of it, streamed. */
  stream(digest: string, range?: ByteRange): AsyncIterable<Uint8Array> | Uint8Array {
    const blob = this.#blobs.get(digest)
    if (blob === undefined) throw new Error(`no blob ${digest}`)
    if ('bytes' in blob) return range === undefined ? blob.bytes : blob.bytes.subarray(range.first, range.last + 1)
    return createReadStream(blob.file, range === undefined ? {} : { start: range.first, end: range.last })
  }

  /** A whole blob as one buffer, for those known to be small. */
  async read(digest: string): Promise<Buffer> {
    const found = this.stream(digest)
    if (found instanceof Uint8Array) return Buffer.from(found)
    const chunks: Uint8Array[] = []
    for await (const chunk of found) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  /** Forgets everything and removes the temporary directory. */
  close(): void {
    this.#blobs.clear()
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true })
    this.#directory = undefined
  }

  #newFile(): string {
    return join(this.#openDirectory(), `upload-${this.#files++}`)
  }

  #openDirectory(): string {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'simulated-layers-'))
    return this.#directory
  }
}

/** Receives a blob, hashing on the way and moving from memory to a file when it grows large. */
export class BlobWriter {
  readonly #hash = createHash('sha256')
  readonly #newFile: () => string
  #size = 0
  #chunks: Uint8Array[] = []
  #file: { readonly path: string; readonly handle: FileHandle } | undefined
  #written: Promise<void> = Promise.resolve()
  #closed = false

  constructor(newFile: () => string) {
    this.#newFile = newFile
  }

  /** Bytes received so far. */
  get size(): number {
    return this.#size
  }

  /** Takes the next bytes. Writes follow one another in the order of the calls, which is the order of the hash. */
  append(chunk: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the upload is closed'))
    const bytes = new Uint8Array(chunk)
    this.#hash.update(bytes)
    this.#size += bytes.length
    this.#written = this.#written.then(() => this.#store(bytes))
    return this.#written
  }

  /** Ends the blob: its digest, its size, and where its bytes are. */
  async finish(): Promise<{ digest: string; size: number; bytes: Uint8Array; file: string | undefined }> {
    this.#closed = true
    await this.#written
    await this.#file?.handle.close()
    const digest = `sha256:${this.#hash.digest('hex')}`
    return { digest, size: this.#size, bytes: Buffer.concat(this.#chunks), file: this.#file?.path }
  }

  /** Throws away what was received. */
  async discard(): Promise<void> {
    if (this.#closed) return
    const { file } = await this.finish()
    if (file !== undefined) await rm(file, { force: true })
  }

  async #store(bytes: Uint8Array): Promise<void> {
    this.#chunks.push(bytes)
    if (this.#file === undefined) {
      if (this.#size <= MEMORY_BYTES) return
      const path = this.#newFile()
      this.#file = { path, handle: await open(path, 'wx') }
    }
    const pending = this.#chunks
    this.#chunks = []
    for (const chunk of pending) await this.#file.handle.appendFile(chunk)
  }
}
