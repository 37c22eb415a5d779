import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { beginning } from '../../src/decide/text.ts'
import { anyCharacter } from '../support/any-character.ts'

describe('the beginning of a text', () => {
  test.each([
    ['short', 10, 'short'],
    ['one two three', 10, 'one two…'],
    ['one two three', 13, 'one two three'],
    ['a-word-without-end', 10, 'a-word-wi…'],
    ['a word-without-end', 10, 'a word-wi…']
  ])('%j in %i characters is %j', (text, most, expected) => {
    expect(beginning(text, most)).toBe(expected)
  })

  test('is never longer than allowed, and never holds half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 60 }), fc.integer({ min: 2, max: 40 }), (text, most) => {
        const told = beginning(text, most)
        expect(told.length).toBeLessThanOrEqual(most)
        expect(told).not.toMatch(/\p{Surrogate}/u)
        expect(text.startsWith(told.replace(/.?…$/u, '')) || text.length <= most).toBe(true)
      })
    )
  })
})
