import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { marked } from 'marked'
import { code, codeBlock, folded, markdown, oneLine, sentencesOf } from '../../src/report/text.ts'
import { hostileText } from './hostile.ts'

const ENTITIES = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&amp;', '&']
])

/** What a reader sees of a page's text, without its elements. */
function seen(page: string): string {
  return page
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);|&\w+;/g, (entity, number?: string) =>
      number === undefined ? (ENTITIES.get(entity) ?? entity) : String.fromCharCode(Number(number))
    )
}

function page(text: string): string {
  return marked.parse(text, { async: false, gfm: true })
}

function withOneBlank(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

describe('oneLine', () => {
  test.each([
    ['one\ntwo\r\nthree', 'one two three'],
    ['  blanks\t', 'blanks'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b]8;;https://x\u0007link\u001b]8;;\u0007', 'link'],
    ['a\u0000b\u202ec\ud800', 'a\ufffdb\ufffdc\ufffd'],
    ['👩 ok', '👩 ok']
  ])('shows %j as %j', (text, shown) => {
    expect(oneLine(text)).toBe(shown)
  })

  test('keeps the beginning and the end of a text of any length', () => {
    const line = oneLine(`begins${'x'.repeat(1 << 20)}ends`)
    expect(line).toHaveLength(4000)
    expect(line).toMatch(/^beginsx+…x+ends$/)
  })
})

describe('in Markdown', () => {
  test('any text is read as it was written', () => {
    fc.assert(
      fc.property(hostileText, text => {
        expect(withOneBlank(seen(page(markdown(text))))).toBe(withOneBlank(oneLine(text)))
        expect(withOneBlank(seen(page(`| a |\n|---|\n| ${code(text)} |`)))).toBe(withOneBlank(`a ${oneLine(text)}`))
      }),
      { numRuns: 1_000 }
    )
  })

  test('lines of code keep their indentation, whatever is in them', () => {
    const lines = ['Error: <b>', '    at `x` [y]', '', '</pre>']
    expect(seen(page(codeBlock(lines)))).toBe(`\n${lines.join('\n')}\n`)
  })

  test('what is folded is Markdown still', () => {
    expect(page(folded('more', '- one'))).toMatch(
      /^<details>\n<summary>more<\/summary>\s*<ul>\n<li>one<\/li>\n<\/ul>\n<\/details>$/
    )
  })
})

describe('sentencesOf', () => {
  test('leaves out empty lines', () => {
    expect(sentencesOf('first\n\n second \n')).toEqual(['first', 'second'])
  })

  test('counts what nobody would read', () => {
    const sentences = sentencesOf(Array.from({ length: 60 }, (_, index) => String(index)).join('\n'))
    expect(sentences.slice(-2)).toEqual(['49', '…and 10 more'])
  })
})
