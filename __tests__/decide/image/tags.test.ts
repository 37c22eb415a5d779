import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isLegalTag } from '../../../src/decide/image/tag-grammar.ts'
import { commitInTag, commitTag, parseAdditionalTags, slug } from '../../../src/decide/image/tags.ts'
import { anyCharacter } from '../../support/any-character.ts'

const SHA = '3035eca1f0b2c3d4e5f60718293a4b5c6d7e8f90'

describe('slug', () => {
  test.each([
    ['main', 'main'],
    ['feature/x', 'feature-x'],
    ['feature//x', 'feature-x'],
    ['feature#x', 'feature-x'],
    ['Feature/X', 'Feature-X'],
    ['release/1.4.x', 'release-1.4.x'],
    ['a--b', 'a-b'],
    ['snake_case', 'snake_case'],
    ['-x', 'x'],
    ['#123', '123'],
    ['.hidden', 'hidden'],
    ['-.-x-.-', 'x'],
    ['@org/pkg@1.2.3', 'org-pkg-1.2.3'],
    ['ümlaut', 'umlaut'],
    ['e\u0301te\u0301', 'ete'],
    ['fix: über & co', 'fix-uber-co'],
    ['日本', 'ref'],
    ['日本/fix', 'fix'],
    ['', 'ref']
  ])('%p becomes %p', (name, expected) => {
    expect(slug(name)).toBe(expected)
  })
})

describe('commitInTag', () => {
  test.each([
    ['main-3035eca', '3035eca'],
    ['feature-x-1234567', '1234567'],
    ['main-20261301', '20261301'],
    ['main-202601011', '202601011'],
    ['release-20260101', undefined],
    ['nightly-2026010123', undefined],
    ['nightly-20260101235959', undefined],
    ['1.4.2', undefined],
    ['main-3035ec', undefined],
    ['3035eca', undefined]
  ])('%s names %p', (tag, digits) => {
    expect(commitInTag(tag)).toBe(digits)
  })
})

describe('commitTag', () => {
  test('shows the branch and the first digits of the full id', () => {
    expect(commitTag({ branch: 'main', sha: SHA, shaLength: 7 })).toBe('main-3035eca')
    expect(commitTag({ branch: 'main', sha: SHA, shaLength: 40 })).toBe(`main-${SHA}`)
  })

  test('cuts the branch and never the commit', () => {
    const tag = commitTag({ branch: 'b'.repeat(200), sha: SHA, shaLength: 12 })
    expect(tag).toBe(`${'b'.repeat(115)}-3035eca1f0b2`)
    expect(tag).toHaveLength(128)
  })

  test('leaves no dash or dot where it cuts', () => {
    expect(commitTag({ branch: `${'b'.repeat(119)}/x`, sha: SHA, shaLength: 7 })).toBe(`${'b'.repeat(119)}-3035eca`)
  })

  test.each([6, 41, 7.5, Number.NaN])('refuses a length of %p', shaLength => {
    expect(() => commitTag({ branch: 'main', sha: SHA, shaLength })).toThrow(/sha-length/)
  })

  test('is legal and ends in the commit, whatever the branch is called', () => {
    const branch = fc.oneof(fc.string({ unit: anyCharacter, maxLength: 300 }), fc.stringMatching(/^[a-z./#-]{0,200}$/))
    const sha = fc.stringMatching(/^[0-9a-f]{40}$/)
    fc.assert(
      fc.property(branch, sha, fc.integer({ min: 7, max: 40 }), (name, id, shaLength) => {
        const tag = commitTag({ branch: name, sha: id, shaLength })
        expect(isLegalTag(tag)).toBe(true)
        expect(tag.endsWith(`-${id.slice(0, shaLength)}`)).toBe(true)
        expect(isLegalTag(slug(name).slice(0, 128))).toBe(true)
      })
    )
  })
})

describe('parseAdditionalTags', () => {
  test('takes legal tags once each', () => {
    expect(parseAdditionalTags(['a', 'B_1', 'a'])).toEqual(['a', 'B_1'])
  })

  test.each([
    ['1.2.3+b5', /'\+' is not possible/],
    ['-x', /does not start with/],
    ['a b', /does not start with/]
  ])('refuses %p', (tag, remedy) => {
    expect(() => parseAdditionalTags([tag])).toThrow(
      expect.objectContaining({ code: 'invalid-input', remedy: expect.stringMatching(remedy) as unknown })
    )
  })

  test("refuses 'latest', which everybody expects to move", () => {
    expect(() => parseAdditionalTags(['latest'])).toThrow(/latest/)
  })
})
