import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/failure.ts'
import type { InputName } from '../../src/inputs/defaults.ts'
import { InputReader } from '../../src/inputs/reader.ts'
import { environmentOf } from './environment.ts'

function readerOf(name: InputName, value: string): { reader: InputReader; problems: string[] } {
  const problems: string[] = []
  return { reader: new InputReader(environmentOf({ [name]: value }), problems), problems }
}

describe('InputReader', () => {
  test.each([
    ['true', true],
    ['True', true],
    ['TRUE', true],
    [' true\n', true],
    ['false', false],
    ['False', false],
    ['FALSE', false]
  ])('reads the boolean %j', (text, value) => {
    const { reader, problems } = readerOf('dry-run', text)
    expect([reader.flag('dry-run'), problems]).toEqual([value, []])
  })

  test.each(['yes', '1', 'tRUE', 'on', 'true false', "'true'"])('refuses the boolean %j', text => {
    const { reader, problems } = readerOf('dry-run', text)
    reader.flag('dry-run')
    expect(problems).toEqual([`input dry-run is '${text}'; write true or false (True, TRUE, False and FALSE will do)`])
  })

  test.each([
    ['0.05', 0.05],
    ['.5', 0.5],
    ['300', 300],
    [' 7 ', 7],
    ['007', 7]
  ])('reads the number %j', (text, value) => {
    const { reader, problems } = readerOf('poll-seconds', text)
    expect([reader.number('poll-seconds', { least: 0.05, most: 300 }), problems]).toEqual([value, []])
  })

  test.each(['0', '0.049', '300.1', '-1', '+1', '1e2', '0x10', '1,5', 'NaN', 'Infinity', '1.', 'three'])(
    'refuses the number %j',
    text => {
      const { reader, problems } = readerOf('poll-seconds', text)
      reader.number('poll-seconds', { least: 0.05, most: 300 })
      expect(problems).toEqual([`input poll-seconds is '${text}'; write a number from 0.05 to 300`])
    }
  )

  test('takes no fraction where a whole number is asked for', () => {
    const { reader, problems } = readerOf('desired-count', '1.0')
    expect(reader.optionalNumber('desired-count', { least: 0, most: 9, isWhole: true })).toBeUndefined()
    expect(problems).toEqual(["input desired-count is '1.0'; write a whole number from 0 to 9"])
  })

  test('knows an empty input from a zero and a false', () => {
    const { reader } = readerOf('desired-count', '')
    expect(reader.optionalNumber('desired-count', { least: 0, most: 9 })).toBeUndefined()
    expect(reader.optionalFlag('enable-ecs-managed-tags')).toBeUndefined()
    expect(readerOf('enable-ecs-managed-tags', 'false').reader.optionalFlag('enable-ecs-managed-tags')).toBe(false)
  })

  test.each([
    ['a,b', ['a', 'b']],
    [' a ,\r\n b\n\n,', ['a', 'b']],
    ['', []],
    [',', []]
  ])('reads the list %j', (text, entries) => {
    expect(readerOf('tags', text).reader.list('tags')).toEqual(entries)
  })

  test('shows control characters in a list without sending them', () => {
    const { reader, problems } = readerOf('tags', 'a,b\u001b[31m')
    expect(reader.list('tags')).toEqual(['a'])
    expect(problems).toEqual(["input tags has 'b\ufffd[31m'; write it without control characters"])
  })

  test('wants a single value on a single line', () => {
    const { reader, problems } = readerOf('image', 'web\n::error::x')
    expect(reader.optionalLine('image')).toBeUndefined()
    expect(problems).toEqual(["input image is 'web\ufffd::error::x'; write it on one line, without control characters"])
  })

  test('suggests the word that was meant, in the case that is meant', () => {
    const { reader, problems } = readerOf('propagate-tags', 'service')
    reader.optionalChoice('propagate-tags', ['TASK_DEFINITION', 'SERVICE', 'NONE'])
    expect(problems).toEqual([
      "input propagate-tags is 'service' (did you mean 'SERVICE'?); allowed: TASK_DEFINITION, SERVICE, NONE"
    ])
  })

  test('names the input of a failure that does not, and ends in its remedy', () => {
    const { reader, problems } = readerOf('version', 'x')
    reader.parsed('version', () => {
      throw new Failure('invalid-input', "'x' is no version", { remedy: 'Write three numbers.' })
    })
    reader.parsed('version', () => {
      throw new Failure('invalid-input', "the input 'version' is odd")
    })
    expect(problems).toEqual(["input version: 'x' is no version; write three numbers", "the input 'version' is odd"])
  })

  test('lets everything pass that is no failure of the input', () => {
    const { reader } = readerOf('version', 'x')
    expect(() =>
      reader.parsed('version', () => {
        throw new TypeError('a defect')
      })
    ).toThrow(TypeError)
  })
})
