const NOTHING = new Uint8Array(0)

/** Lends buffers of one size, so that a copy of many blobs takes no more memory than those under way. */
export class PartBuffers {
  readonly #bytes: number
  readonly #free: Uint8Array[] = []

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  take(): Uint8Array {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes)
  }

  /** Takes a buffer back that nobody will read any more, not even a request that was broken off. */
  giveBack(buffer: Uint8Array): void {
    this.#free.push(buffer)
  }
}

/**
 * Cuts a stream into parts of one size, the last one aside, and reads the next part while the last one is being sent.
 * Two buffers take turns: a part is good until the next but one is asked for.
 */
export class PartReader {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #pool: PartBuffers
  readonly #partBytes: number
  readonly #buffers: readonly [Uint8Array, Uint8Array]
  /** What was read beyond the end of a part. */
  #rest: Uint8Array = NOTHING
  #ahead: Promise<Uint8Array> | undefined
  #turn: 0 | 1 = 0

  /** `partBytes` is at most the size of the pool's buffers. */
  constructor(source: AsyncIterable<Uint8Array>, pool: PartBuffers, partBytes: number) {
    this.#source = source[Symbol.asyncIterator]()
    this.#pool = pool
    this.#partBytes = partBytes
    this.#buffers = [pool.take(), pool.take()]
  }

  /** The next part; empty at the end. Rejects with what the source fails with. */
  async next(): Promise<Uint8Array> {
    const part = await (this.#ahead ?? this.#fill())
    // A part that is not full is the last one. Its end was seen, so that the source has nothing to object to.
    this.#ahead = part.length === this.#partBytes ? this.#fill() : Promise.resolve(NOTHING)
    // Who asks for it hears of its failure.
    this.#ahead.catch(() => undefined)
    return part
  }

  /** Resolves when the source ended without an objection. */
  async end(): Promise<void> {
    await this.next()
  }

  /** Lets go of the source; of the buffers too when all went well, for else a request may still be reading them. */
  async close(allWentWell: boolean): Promise<void> {
    await this.#ahead?.catch(() => undefined)
    await this.#source.return?.().catch(() => undefined)
    if (allWentWell) for (const buffer of this.#buffers) this.#pool.giveBack(buffer)
  }

  async #fill(): Promise<Uint8Array> {
    const buffer = this.#buffers[this.#turn].subarray(0, this.#partBytes)
    this.#turn = this.#turn === 0 ? 1 : 0
    let length = this.#copy(buffer, 0, this.#rest)
    while (length < buffer.length) {
      const read = await this.#source.next()
      if (read.done === true) break
      length = this.#copy(buffer, length, read.value)
    }
    return buffer.subarray(0, length)
  }

  /** Copies what fits and keeps the rest; returns how far the buffer is filled. */
  #copy(buffer: Uint8Array, from: number, chunk: Uint8Array): number {
    const fitting = Math.min(chunk.length, buffer.length - from)
    buffer.set(chunk.subarray(0, fitting), from)
    this.#rest = fitting < chunk.length ? chunk.subarray(fitting) : NOTHING
    return from + fitting
  }
}
