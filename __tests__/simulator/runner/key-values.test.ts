import { describe, expect, test } from '@jest/globals'
import { parseKeyValues } from '../../../simulator/runner/key-values.ts'

const parse = (text: string) => [...parseKeyValues(text)]

describe('parseKeyValues', () => {
  test('reads plain pairs and keeps everything after the first equal sign', () => {
    expect(parse('a=1\n\nb=x=y<<z\nc=')).toEqual([
      ['a', '1'],
      ['b', 'x=y<<z'],
      ['c', '']
    ])
  })

  test('reads values of several lines', () => {
    expect(parse('a<<EOF\none\n\n=two<<\nEOF\nb<<EOF\nEOF\nc=3\n')).toEqual([
      ['a', 'one\n\n=two<<'],
      ['b', ''],
      ['c', '3']
    ])
  })

  test('keeps carriage returns and needs no line break after the last delimiter', () => {
    expect(parse('a=1\r\nb<<E\nx\r\nE')).toEqual([
      ['a', '1\r'],
      ['b', 'x\r']
    ])
  })

  test.each([
    ['nonsense', "Invalid format 'nonsense'"],
    ['<<EOF\nEOF\n', "Invalid format '<<EOF'. Name must not be empty and delimiter must not be empty"],
    ['a<<\nx\n', "Invalid format 'a<<'. Name must not be empty and delimiter must not be empty"],
    ['a<<EOF\nx\n', "Invalid value. Matching delimiter not found 'EOF'"],
    ['a<<EOF\nx', 'Invalid value. EOF marker missing new line.']
  ])('refuses %j', (text, message) => {
    expect(() => parse(text)).toThrow(message)
  })

  test('yields what stands before the mistake', () => {
    const pairs = parseKeyValues('a=1\nnonsense\n')
    expect(pairs.next().value).toEqual(['a', '1'])
    expect(() => pairs.next()).toThrow('Invalid format')
  })
})
