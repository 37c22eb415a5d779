import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { excessOfYaml } from '../../src/decide/yaml-limits.ts'

describe('what is too large to be parsed', () => {
  test.each([
    ['brackets', '['.repeat(1_000_000)],
    ['braces', '{ '.repeat(100_000)],
    ['brackets over many lines', 'a:\n' + ' [\n'.repeat(300)],
    ['brackets that seem to be closed', '[ #]\n'.repeat(300)],
    ['lists in lists on one line', '- '.repeat(500_000)],
    ['keys of keys', '? '.repeat(1_000)]
  ])('%s are nested too deeply', (_, text) => {
    expect(excessOfYaml(text)).toBe('is nested too deeply')
  })

  test.each([
    ['items', '-\n'.repeat(200_000)],
    ['commas', `[${','.repeat(200_000)}]`],
    ['members', 'a: b\n'.repeat(60_000)]
  ])('%s by the hundred thousand are too many', (_, text) => {
    expect(excessOfYaml(text)).toMatch(/^has more than 150,000 /)
  })
})

describe('what is no more than usual', () => {
  test('is a long file with many brackets, in quotes and out of them', () => {
    const container = { name: 'web', command: ['sh', '-c', '[[ -f x ]] || echo "[["'], note: '[[[[' }
    const lines = `# [[[ \n- {a: [1, 2, {b: c}]}\n- "[[["\n- a: [\n    x ]\n`
    expect(excessOfYaml(stringify(Array.from({ length: 2_000 }, () => container)))).toBeUndefined()
    expect(excessOfYaml(lines.repeat(2_000))).toBeUndefined()
    expect(excessOfYaml(`- [${'a: b, '.repeat(1_000)}]`)).toBeUndefined()
  })

  test('is any document that people write', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(excessOfYaml(stringify(value))).toBeUndefined()
      })
    )
  })
})
