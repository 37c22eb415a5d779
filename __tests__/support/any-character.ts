import fc from 'fast-check'

/** Half characters, which no text may hold alone. */
const FIRST_SURROGATE = 0xd800
const SURROGATES = 0x800

/**
 * Any character of Unicode, for `fc.string({ unit })`. fast-check's own unit `binary` is the same, but lists the whole
 * million first, which costs each suite seconds.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.nat(0x10ffff - SURROGATES).map(
  index => String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES),
  // With a way back fast-check also puts in names such as `__proto__`.
  character => {
    if (typeof character !== 'string' || Array.from(character).length !== 1) throw new Error('not one character')
    const code = character.codePointAt(0) ?? 0
    return code < FIRST_SURROGATE ? code : code - SURROGATES
  }
)
