/**
 * Cuts a stream into parts of one size, the last one aside, and reads the next part while the last one is being sent.
 * Two buffers take turns: a part is good until the next but one is asked for.
 */
export class PartReader {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #buffers: readonly [Uint8Array, Uint8Array]
  /** What was read beyond the end of a part. */
  #rest: Uint8Array = new Uint8Array(0)
  #ahead: Promise<Uint8Array> | undefined
  #turn: 0 | 1 = 0

  constructor(source: AsyncIterable<Uint8Array>, partBytes: number) {
    this.#source = source[Symbol.asyncIterator]()
    this.#buffers = [Buffer.allocUnsafeSlow(partBytes), Buffer.allocUnsafeSlow(partBytes)]
  }

  /** The next part; empty at the end. Rejects with what the source fails with. */
  async next(): Promise<Uint8Array> {
    const part = await (this.#ahead ?? this.#fill())
    // A part that is not full is the last one. Its end was seen, so that the source has nothing to object to.
    this.#ahead = part.length === this.#buffers[0].length ? this.#fill() : Promise.resolve(new Uint8Array(0))
    // Who asks for it hears of its failure.
    this.#ahead.catch(() => undefined)
    return part
  }

  /** Resolves when the source ended without an objection. */
  async end(): Promise<void> {
    await this.next()
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#ahead?.catch(() => undefined)
    await this.#source.return?.().catch(() => undefined)
  }

  async #fill(): Promise<Uint8Array> {
    const buffer = this.#buffers[this.#turn]
    this.#turn = this.#turn === 0 ? 1 : 0
    let length = this.#take(buffer, 0, this.#rest)
    while (length < buffer.length) {
      const read = await this.#source.next()
      if (read.done === true) break
      length = this.#take(buffer, length, read.value)
    }
    return buffer.subarray(0, length)
  }

  /** Copies what fits and keeps the rest; returns how far the buffer is filled. */
  #take(buffer: Uint8Array, from: number, chunk: Uint8Array): number {
    const fitting = Math.min(chunk.length, buffer.length - from)
    buffer.set(chunk.subarray(0, fitting), from)
    this.#rest = chunk.subarray(fitting)
    return from + fitting
  }
}
