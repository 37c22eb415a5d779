const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-'

/** A repeatable source of the identifiers ECS hands out. */
export class Random {
  #state: number

  constructor(seed = 1) {
    this.#state = seed >>> 0
  }

  /** The next number in [0, 1): mulberry32, small and good enough for identifiers. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** Hex digits, as in task ids. */
  hex(length: number): string {
    return this.#pick('0123456789abcdef', length)
  }

  /** Nineteen digits that never start with a zero: the number shared by a deployment and its service revision. */
  revisionNumber(): string {
    return this.#pick('123456789', 1) + this.#pick('0123456789', 18)
  }

  /** Twenty-one characters, as service deployment ARNs end in. */
  nanoid(): string {
    return this.#pick(ALPHABET, 21)
  }

  uuid(): string {
    return [8, 4, 4, 4, 12].map(length => this.hex(length)).join('-')
  }

  #pick(alphabet: string, length: number): string {
    let text = ''
    while (text.length < length) text += alphabet.charAt(Math.floor(this.next() * alphabet.length))
    return text
  }
}
