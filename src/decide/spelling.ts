/** One character, or half of one beyond U+FFFF, as it stands in a text, and where the text goes on behind it. */
export interface Spelling {
  readonly characters: string
  readonly end: number
}

/*
 * What stands in a string of a string is escaped twice, so that backslashes multiply, `%2B` becomes `%252B` and `&lt;`
 * `&amp;lt;`. Bounded, so that a text of nothing else takes no longer.
 */
const PERCENT = '%(?:25){0,3}'
const SLASHES = String.raw`(?:\\{1,16}|(?:${PERCENT}5[cC]){1,8})`
const AMPERSAND = '&(?:amp;){0,3}'

/**
 * JSON, JavaScript, C#, Java: `\u002B`, `\u{1f511}`; Python and Go: `\U0001f511`; Perl: `\x{2b}`; HTML: `&#43;`, `&#x2b;`.
 */
const CODE_POINT = new RegExp(
  String.raw`${SLASHES}(?:[ux]\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4})|U([\da-fA-F]{8}))|${AMPERSAND}#(?:[xX]([\da-fA-F]{1,6})|(\d{1,7}));?`,
  'y'
)
/**
 * URLs and forms: `%2b`; Python, C, logs of nginx: `\x2b`; C, git, systemd: `\053`. Beyond ASCII it is a byte of UTF-8, or
 * a character.
 */
const BYTES = [
  { form: new RegExp(String.raw`${PERCENT}([\da-fA-F]{2})`, 'y'), base: 16 },
  { form: new RegExp(String.raw`${SLASHES}x([\da-fA-F]{2})`, 'y'), base: 16 },
  { form: new RegExp(String.raw`${SLASHES}([0-3][0-7]{2})`, 'y'), base: 8 }
]
/** PHP's `\/`, `\'` and `\"` of anybody: what follows stands for itself. */
const ESCAPING = new RegExp(String.raw`${SLASHES}(?=[^\\a-zA-Z0-9])`, 'y')
const CONTROL = new RegExp(String.raw`${SLASHES}([abefnrtv0])`, 'y')
const ENTITY = new RegExp(`${AMPERSAND}(amp|lt|gt|quot|apos);`, 'y')
/** Shells, between their own quotes: `'\''`, `'"'"'`; SQL and CSV: twice. */
const QUOTES = [
  [/'(?:\\''|"'"'|')/y, "'"],
  [/""/y, '"']
] as const
/** So many of them as stand in a row, in a text as in a value, count as one. */
const BACKSLASHES = [
  new RegExp(SLASHES, 'y'),
  new RegExp(String.raw`(?:${SLASHES}(?:x5[cC]|x\{5[cC]\}|u005[cC]|134)){1,4}`, 'y')
]
const PERCENT_SIGNS = [/%25/y, /%2525/y]
const AMPERSAND_SIGNS = [/&amp;/y, /&amp;amp;/y]

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

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
  // Of `"`, `%`, `&`, `'`, `+` and `\`.
  return (unit >= 0x25 && unit <= 0x27) || unit === 0x22 || unit === 0x2b || unit === 0x5c
}

/** What may be spelled at an index of a text besides the character that stands there itself. */
export function escapesAt(text: string, at: number): readonly Spelling[] {
  switch (text[at]) {
    // As forms have a blank.
    case '+':
      return [{ characters: ' ', end: at + 1 }]
    case '"':
    case "'":
      return QUOTES.flatMap(([form, quote]) => replacedAt(text, at, form, () => quote))
    case '%':
      return [...PERCENT_SIGNS.flatMap(sign => replacedAt(text, at, sign, () => '%')), ...slashedAt(text, at)]
    case '&':
      return [
        ...codePointAt(text, at),
        ...replacedAt(text, at, ENTITY, name => ENTITIES.get(name)),
        ...AMPERSAND_SIGNS.flatMap(sign => replacedAt(text, at, sign, () => '&'))
      ]
    case '\\':
      return slashedAt(text, at)
    case undefined:
    default:
      return []
  }
}

/** What begins with a backslash, which URLs write as `%5C`. */
function slashedAt(text: string, at: number): readonly Spelling[] {
  return [
    ...BACKSLASHES.flatMap(row => replacedAt(text, at, row, () => '\\')),
    ...codePointAt(text, at),
    ...bytesAt(text, at),
    ...replacedAt(text, at, ESCAPING, () => ''),
    ...replacedAt(text, at, CONTROL, name => CONTROLS.get(name))
  ]
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
  const lead = byteAt(text, at)
  if (lead === undefined) return []
  const single = { characters: String.fromCharCode(lead.byte), end: lead.end }
  const more = lead.byte < 0xc2 ? 0 : lead.byte < 0xe0 ? 1 : lead.byte < 0xf0 ? 2 : 3
  const bytes = [lead.byte]
  let { end } = lead
  for (let count = 0; count < more; count++) {
    const next = byteAt(text, end)
    if (next === undefined) return [single]
    bytes.push(next.byte)
    end = next.end
  }
  if (more === 0) return [single]
  try {
    return [single, { characters: UTF_8.decode(Uint8Array.from(bytes)), end }]
  } catch {
    return [single]
  }
}

function byteAt(text: string, at: number): { readonly byte: number; readonly end: number } | undefined {
  for (const { form, base } of BYTES) {
    const digits = match(form, text, at)?.[1]
    if (digits !== undefined) return { byte: parseInt(digits, base), end: form.lastIndex }
  }
  return undefined
}

function match(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at
  return form.exec(text)
}
