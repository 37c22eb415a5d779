import { describe, expect, test } from '@jest/globals'
import { SecretMasker } from '../../../simulator/runner/masker.ts'

function maskerOf(...secrets: readonly string[]): SecretMasker {
  const masker = new SecretMasker()
  for (const secret of secrets) masker.add(secret)
  return masker
}

describe('mask', () => {
  test('hides every occurrence and leaves the rest alone', () => {
    expect(maskerOf('hunter2').mask('pw=hunter2, again hunter2.')).toBe('pw=***, again ***.')
  })

  test('makes one mask of overlapping and of neighbouring secrets', () => {
    expect(maskerOf('abcd', 'cdef').mask('-abcdef-')).toBe('-***-')
    expect(maskerOf('aba').mask('xababax')).toBe('x***x')
  })

  test('hides each line of a secret of several lines', () => {
    const masker = maskerOf('first\r\n  second  \n\nthird')
    expect(masker.mask('second')).toBe('***')
    expect(masker.mask('<third>')).toBe('<***>')
  })

  test.each([
    ['base64', Buffer.from('s3cr3t"<&\'!').toString('base64')],
    ['base64 after one byte', Buffer.from('x:s3cr3t"<&\'!').subarray(3).toString('base64')],
    ['JSON', 's3cr3t\\"<&\'!'],
    ['a URL', 's3cr3t%22%3C%26%27%21'],
    ['XML', 's3cr3t&quot;&lt;&amp;&apos;!'],
    ['an expression', "s3cr3t\"<&''!"]
  ])('hides a secret encoded as %s', (_, encoded) => {
    expect(maskerOf('s3cr3t"<&\'!').mask(`[${encoded}]`)).toBe('[***]')
  })

  test('knows the secrets as they were given', () => {
    expect(maskerOf('one', 'one', '').values).toEqual(['one'])
  })
})
