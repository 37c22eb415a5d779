/** Secrets of a job: whatever is written to a log or a summary passes through here. */
export class SecretMasker {
  readonly #values = new Set<string>()
  readonly #needles = new Set<string>()

  /** The secrets as they were registered, without their encoded forms. */
  get values(): readonly string[] {
    return [...this.#values]
  }

  /** Hides a value, and each of its lines, since a log is masked line by line. */
  add(value: string): void {
    this.#addValue(value)
    for (const line of value.split(/[\r\n]+/)) this.#addValue(line.trim())
  }

  /** The text with every secret in it replaced by `***`; neighbouring and overlapping secrets become one. */
  mask(text: string): string {
    let masked = ''
    let copied = 0
    for (const [start, end] of this.#ranges(text)) {
      masked += `${text.slice(copied, start)}***`
      copied = end
    }
    return masked + text.slice(copied)
  }

  #addValue(value: string): void {
    if (value === '') return
    this.#values.add(value)
    for (const needle of [value, ...encodings(value)]) this.#needles.add(needle)
  }

  #ranges(text: string): [start: number, end: number][] {
    const found: [start: number, end: number][] = []
    for (const needle of this.#needles) {
      for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1))
        found.push([at, at + needle.length])
    }
    found.sort(([a], [b]) => a - b)
    const merged: [start: number, end: number][] = []
    for (const [start, end] of found) {
      const last = merged.at(-1)
      if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
      else merged.push([start, end])
    }
    return merged
  }
}

/**
 * The forms in which a secret often reaches a log without having been printed as such. The three base64 forms are those
 * of a secret at each offset within a longer text, e.g. the password in `user:password`.
 */
function encodings(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8')
  const base64 = [0, 1, 2].map(shift => bytes.subarray(bytes.length > shift ? shift : 0).toString('base64'))
  const unquoted = value.length > 8 && value.startsWith('"') && value.endsWith('"') ? [value.slice(1, -1)] : []
  return [
    ...base64,
    value.replaceAll('"', '\\"'),
    value.replaceAll("'", "''"),
    JSON.stringify(value).slice(1, -1),
    encodeUri(bytes.toString('utf8')),
    encodeXml(value),
    ...unquoted
  ]
}

/** Takes well-formed text only: a lone surrogate has no encoding. */
function encodeUri(value: string): string {
  const escape = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  return encodeURIComponent(value).replace(/[!'()*]/g, escape)
}

function encodeXml(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
}
