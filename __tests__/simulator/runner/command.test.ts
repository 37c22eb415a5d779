import { describe, expect, test } from '@jest/globals'
import { KNOWN_COMMANDS, parseCommand } from '../../../simulator/runner/command.ts'

const parse = (line: string) => parseCommand(line, name => KNOWN_COMMANDS.includes(name))

describe('parseCommand', () => {
  test('reads name, properties and value', () => {
    expect(parse('::error file=app.js,line=3,title=Oh%3A%2C no::it broke')).toEqual({
      name: 'error',
      properties: { file: 'app.js', line: '3', title: 'Oh:, no' },
      value: 'it broke'
    })
  })

  test('decodes line breaks, and an encoded percent sign only once', () => {
    expect(parse('::notice::a%0Ab%0D%25')?.value).toBe('a\nb\r%')
    expect(parse('::notice::%250A')?.value).toBe('%0A')
    expect(parse('::notice::a%3Ab')?.value).toBe('a%3Ab')
  })

  test('takes leading space and any case', () => {
    expect(parse('   ::Warning FILE=x::careful')).toMatchObject({ name: 'warning', properties: { file: 'x' } })
  })

  test('leaves out properties without a name or a value', () => {
    expect(parse('::error file=,=3,line==4,,title=a=b::x')?.properties).toEqual({ line: '4', title: 'a=b' })
  })

  test.each(['text ::error::no', '::unknown::no', '::error', ':error::no', '', '::::'])('takes %j for output', line => {
    expect(parse(line)).toBeUndefined()
  })

  test('reads the bracket form anywhere in a line', () => {
    expect(parse('2026-01-01 ##[error file=a;line=2]it%5D broke')).toEqual({
      name: 'error',
      properties: { file: 'a', line: '2' },
      value: 'it] broke'
    })
    expect(parse('##[section]Starting')).toBeUndefined()
    expect(parse('##[error')).toBeUndefined()
  })
})
