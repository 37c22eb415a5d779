import { afterEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCommand } from '../../simulator/runner/command.ts'
import { createRunner, harmless } from '../../src/io/runner.ts'
import { anyCharacter } from '../support/any-character.ts'

/** What the runner's culture-aware comparison passes over, generously. */
const IGNORABLE = /[\p{Cf}\p{Cc}\p{M}]/gu

/** Would the runner take any part of a line for a workflow command, if it knew every name? */
function isCommand(line: string): boolean {
  return [line, line.replace(IGNORABLE, '')].some(text => {
    const trimmed = text.trimStart()
    const colons = trimmed.startsWith('::') && trimmed.includes('::', 2)
    const bracket = text.indexOf('##[')
    return colons || (bracket >= 0 && text.includes(']', bracket)) || parseCommand(text, () => true) !== undefined
  })
}

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('::error::', '##[group]', '::', ':', '##[', '#', '[', ']', 'add-mask', ' ', '\t', '\r', '\n'),
      fc.constantFrom(
        '\u001b[2K',
        '\u001b]0;x\u0007',
        '\b',
        '\u0085',
        '\u009b',
        '\u00a0',
        '\u2028',
        '\u200b',
        '\u200d'
      ),
      fc.constantFrom('\ufeff', '\u00ad', '\u0301', '\u202e', '\ud800', '\u3000', '%0A', '\0'),
      fc.string({ unit: anyCharacter, maxLength: 4 })
    ),
    { maxLength: 12 }
  )
  .map(parts => parts.join(''))

describe('harmless', () => {
  test.each([
    ['pulled nginx:1.27 :: done', 'pulled nginx:1.27 :: done'],
    ['::error::gotcha', '\\::error::gotcha'],
    ['  ::stop-commands::x', '\\  ::stop-commands::x'],
    ['\u200b::error::x', '\\\u200b::error::x'],
    [':\u200d:error::x', '\\:\u200d:error::x'],
    ['a ##[add-mask]b', 'a ##\\[add-mask]b'],
    ['###[group]', '###\\[group]'],
    ['50%\r100%', '50%␍100%'],
    ['one\ntwo', 'one␊two'],
    ['\u001b[31mred', '␛[31mred'],
    ['a\tb', 'a b'],
    ['\u007f\u0085\u202e', '␡\ufffd\ufffd'],
    ['grün 日本 👩‍🚀', 'grün 日本 👩‍🚀']
  ])('shows %j as %j', (text, shown) => {
    expect(harmless(text)).toBe(shown)
  })

  test('leaves no command, no control character and no second line in any text', () => {
    fc.assert(
      fc.property(hostile, text => {
        const line = harmless(text)
        expect(isCommand(line)).toBe(false)
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
      }),
      { numRuns: 5_000 }
    )
  })

  test('tells the hostile texts from harmless ones, so that the property above says something', () => {
    expect(fc.sample(hostile, { numRuns: 2_000, seed: 1 }).filter(isCommand).length).toBeGreaterThan(50)
  })

  test('changes nothing in ordinary text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z][A-Za-z0-9 .:/@_\-äé日]*$/), text => {
        expect(harmless(text)).toBe(text)
      })
    )
  })
})

describe('createRunner', () => {
  const written: string[] = []

  function capture(): void {
    written.length = 0
    jest.spyOn(process.stdout, 'write').mockImplementation(chunk => {
      written.push(String(chunk))
      return true
    })
  }

  afterEach(() => {
    jest.restoreAllMocks()
  })

  test('prints one line for every text', () => {
    capture()
    createRunner({}).log('::warning::x\n::error::y')
    expect(written).toEqual(['\\::warning::x␊::error::y\n'])
  })

  test('annotates with a title, keeping the lines of a message', () => {
    capture()
    const runner = createRunner({})
    runner.annotate('error', 'first\n##[group]second\u001b[0m', 'web: failed')
    runner.annotate('warning', 'third')
    expect(written).toEqual(['::error title=web%3A failed::first%0A##\\[group]second␛[0m\n', '::warning::third\n'])
  })

  test('lets no annotation become a command of its own', () => {
    fc.assert(
      fc.property(hostile, hostile, (message, title) => {
        capture()
        const runner = createRunner({})
        runner.annotate('error', message, title)
        const commands = written.map(text => text.slice(0, -1))
        jest.restoreAllMocks()
        expect(commands.map(line => parseCommand(line, () => true)?.name)).toEqual(['error'])
        expect(commands.join('')).not.toMatch(/\p{Cc}/u)
      })
    )
  })

  test('masks values of one or several lines, and no empty one', () => {
    capture()
    const runner = createRunner({})
    runner.addMask('')
    runner.addMask('two\nlines')
    runner.addMask('two\nlines')
    expect(written).toEqual(['::add-mask::two%0Alines\n'])
  })

  test('adds to the summary, and does without where there is none', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'runner-'))
    try {
      const path = join(directory, 'summary.md')
      const runner = createRunner({ GITHUB_STEP_SUMMARY: path })
      await runner.writeSummary('# one')
      await runner.writeSummary('two')
      expect(readFileSync(path, 'utf8')).toBe('# one\ntwo\n')
      await createRunner({}).writeSummary('nowhere')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('fails by the exit code alone', () => {
    const before = process.exitCode
    try {
      createRunner({}).fail()
      expect(process.exitCode).toBe(1)
    } finally {
      process.exitCode = before
    }
  })
})
