/** One character, or half of one beyond U+FFFF, as it stands in a text, and where the text goes on behind it. */
export interface Spelling {
  readonly characters: string
  readonly end: number
}

/*
 * What stands in a string of a string is escaped twice, so that backslashes multiply, `%2B` becomes `%252B` and `&lt;`
 * `&amp;lt;`. Bounded, so that a text of nothing else takes no longer.
 */
const SLASHES = String.raw`\\{1,16}`
const PERCENT = '%(?:25){0,3}'
const AMPERSAND = '&(?:amp;){0,3}'

/** JSON, JavaScript, C#, Java: `\u002B`, `\u{1f511}`; Python and Go: `\U0001f511`; HTML: `&#43;`, `&#x2b;`. */
const CODE_POINT = new RegExp(
  String.raw`${SLASHES}(?:u\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4})|U([\da-fA-F]{8}))|${AMPERSAND}#(?:[xX]([\da-fA-F]{1,6})|(\d{1,7}));`,
  'y'
)
/** URLs and forms: `%2b`; Python, C, logs of nginx: `\x2b`. Beyond ASCII it is a byte of UTF-8, or a character. */
const BYTE = new RegExp(String.raw`(?:${PERCENT}|${SLASHES}x)([\da-fA-F]{2})`, 'y')
/** PHP's `\/`, `\'` and `\"` of anybody. */
const ESCAPED = new RegExp(String.raw`${SLASHES}([^\\a-zA-Z0-9])`, 'y')
const CONTROL = new RegExp(String.raw`${SLASHES}([abefnrtv0])`, 'y')
const ENTITY = new RegExp(`${AMPERSAND}(amp|lt|gt|quot|apos);`, 'y')
/** So many of them as stand in a row, in a text as in a value, count as one. */
const BACKSLASHES = [
  new RegExp(SLASHES, 'y'),
  new RegExp(String.raw`(?:${SLASHES}(?:x5[cC]|u005[cC])|${PERCENT}5[cC]){1,4}`, 'y')
]
const PERCENT_SIGNS = [/%25/y, /%2525/y]
const AMPERSAND_SIGNS = [/&amp;/y, /&amp;amp;/y]

const CONTROLS = new Map(
  Object.entries({ a: '\x07', b: '\b', e: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' })
)
const ENTITIES = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }))

/** A value as `escapesAt` finds it: with one backslash for several, and without halves of characters, which UTF-8 has not. */
export function asSpelled(value: string): string {
  return value.replace(/\\+/g, '\\').replace(/[\ud800-\udfff]/gu, '\ufffd')
}

/** Whether at a code unit of a text anything may begin but itself. */
export function mayBeEscape(unit: number): boolean {
  // Of `%`, `&`, `+` and `\`.
  return unit === 0x25 || unit === 0x26 || unit === 0x2b || unit === 0x5c
}

/** What may be spelled at an index of a text besides the character that stands there itself. */
export function escapesAt(text: string, at: number): readonly Spelling[] {
  switch (text[at]) {
    // As forms have a blank.
    case '+':
      return [{ characters: ' ', end: at + 1 }]
    case '%':
      return [
        ...bytesAt(text, at),
        ...PERCENT_SIGNS.flatMap(sign => replacedAt(text, at, sign, () => '%')),
        ...BACKSLASHES.flatMap(row => replacedAt(text, at, row, () => '\\'))
      ]
    case '&':
      return [
        ...codePointAt(text, at),
        ...replacedAt(text, at, ENTITY, name => ENTITIES.get(name)),
        ...AMPERSAND_SIGNS.flatMap(sign => replacedAt(text, at, sign, () => '&'))
      ]
    case '\\':
      return [
        ...BACKSLASHES.flatMap(row => replacedAt(text, at, row, () => '\\')),
        ...codePointAt(text, at),
        ...bytesAt(text, at),
        ...replacedAt(text, at, ESCAPED, character => character),
        ...replacedAt(text, at, CONTROL, name => CONTROLS.get(name))
      ]
    case undefined:
    default:
      return []
  }
}

function replacedAt(
  text: string,
  at: number,
  form: RegExp,
  meaning: (name: string) => string | undefined
): readonly Spelling[] {
  const found = match(form, text, at)
  const characters = found === null ? undefined : meaning(found[1] ?? '')
  return characters === undefined ? [] : [{ characters, end: form.lastIndex }]
}

function codePointAt(text: string, at: number): readonly Spelling[] {
  const found = match(CODE_POINT, text, at)
  if (found === null) return []
  const [, braced, four, eight, hex, decimal] = found
  const code = decimal === undefined ? parseInt(braced ?? four ?? eight ?? hex ?? '', 16) : Number(decimal)
  return code > 0x10ffff ? [] : [{ characters: String.fromCodePoint(code), end: CODE_POINT.lastIndex }]
}

/** A byte as the character that it is in Latin-1, and where it begins a character of UTF-8, that one. */
function bytesAt(text: string, at: number): readonly Spelling[] {
  const lead = match(BYTE, text, at)?.[1]
  if (lead === undefined) return []
  const byte = parseInt(lead, 16)
  const single = { characters: String.fromCharCode(byte), end: BYTE.lastIndex }
  const more = byte < 0xc2 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
  if (more === 0) return [single]
  let encoded = `%${lead}`
  for (let count = 0; count < more; count++) {
    const next = match(BYTE, text, BYTE.lastIndex)?.[1]
    if (next === undefined) return [single]
    encoded += `%${next}`
  }
  try {
    return [single, { characters: decodeURIComponent(encoded), end: BYTE.lastIndex }]
  } catch {
    return [single]
  }
}

function match(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at
  return form.exec(text)
}
