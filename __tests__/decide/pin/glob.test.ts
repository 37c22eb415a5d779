import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { matchesGlob, mayHoldMatch } from '../../../src/decide/pin/glob.ts'

describe('matchesGlob', () => {
  test.each([
    ['compose.yaml', 'compose.yaml'],
    ['./compose.yaml', 'compose.yaml'],
    ['compose*.yaml', 'compose.yaml'],
    ['compose*.yaml', 'compose.prod.yaml'],
    ['deploy/*.json', 'deploy/web.json'],
    ['**/compose.yaml', 'compose.yaml'],
    ['**/compose.yaml', 'a/b/c/compose.yaml'],
    ['a/**/b/**/c', 'a/x/b/b/c'],
    ['**', 'a/b'],
    ['.github/*.yml', '.github/a.yml'],
    ['**/.deploy/*', 'a/.deploy/b'],
    ['[a]{b}?.yml', '[a]{b}?.yml']
  ])('%s matches %s', (pattern, path) => {
    expect(matchesGlob(pattern, path)).toBe(true)
  })

  test.each([
    ['*.yaml', 'a/compose.yaml'],
    ['*', '.hidden'],
    ['**/a', '.hidden/a'],
    ['deploy/*', 'deploy/a/b'],
    ['deploy/**', 'other/a'],
    ['a/**/b', 'a'],
    ['[a].yml', 'a.yml'],
    ['c?mpose.yml', 'compose.yml']
  ])('%s does not match %s', (pattern, path) => {
    expect(matchesGlob(pattern, path)).toBe(false)
  })

  test('what matches lies in folders that are searched', () => {
    const name = fc.constantFrom('a', 'b', 'ab', '.a', 'a.b')
    const part = fc.constantFrom('a', '*', '**', 'a*', '.a', '.*', '*b')
    const parts = fc.array(part, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(parts, fc.array(name, { minLength: 1, maxLength: 5 }), (pattern, names) => {
        if (!matchesGlob(pattern.join('/'), names.join('/'))) return
        for (let depth = 1; depth < names.length; depth++) {
          expect(mayHoldMatch(pattern.join('/'), names.slice(0, depth).join('/'))).toBe(true)
        }
      }),
      { numRuns: 2000 }
    )
  })

  test('many stars take no time', () => {
    const before = performance.now()
    matchesGlob(
      Array.from({ length: 60 }, () => '**/a*a*a').join('/'),
      Array.from({ length: 200 }, () => 'aaaaaaaaaab').join('/')
    )
    expect(performance.now() - before).toBeLessThan(500)
  })
})
