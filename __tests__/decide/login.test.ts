import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { withoutLogin, withoutLogins } from '../../src/decide/login.ts'
import { quoted } from '../../src/decide/wording.ts'

describe('the logins of a text', () => {
  test.each([
    ["fatal: unable to access 'https://joe:pw@host/a.git/'", "fatal: unable to access 'https://***@host/a.git/'"],
    ['clone https://tok@host/a and ssh://git@host/b', 'clone https://***@host/a and ssh://***@host/b'],
    ['https://joe:p@ss@host/a', 'https://***@host/a'],
    ['image joe:pw@host:5000/a:1, next', 'image ***@host:5000/a:1, next'],
    ['https://host/a.tgz?x=1&private_token=abc#f', 'https://host/a.tgz?x=1&private_token=***#f'],
    ['https://bucket/a?X-Amz-Signature=abc&X-Amz-Date=1', 'https://bucket/a?X-Amz-Signature=***&X-Amz-Date=1']
  ])('%s', (text, shown) => {
    expect(withoutLogins(text)).toBe(shown)
  })

  test.each([
    `docker.io/library/node:20@sha256:${'a'.repeat(64)}`,
    'npm:left-pad@1.3.0 by joe@host.org/x',
    'git@github.com:a/b.git',
    'https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/services/web?region=eu-west-1',
    'arn:aws:sts::123456789012:assumed-role/deploy/joe@example.com'
  ])('are not in %s', text => {
    expect(withoutLogins(text)).toBe(text)
  })

  test('are not in a quotation that is cut off in the middle of one', () => {
    expect(quoted(`https://joe:${'s3cr3t'.repeat(20)}@host/a`)).toBe("'https://***@host/a'")
  })

  test.each(['a:,', '://', 'a:b,', '?key=', '(', '@', '{a:'])('take no time in many %p', piece => {
    const startedAt = performance.now()
    withoutLogins(`://@${piece.repeat(50_000)}`)
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
})

describe('the login of a reference', () => {
  test.each([
    ['${IMG:-https://joe:p/w@host/x}', '${IMG:-https://***@host/x}'],
    ['${IMG:-joe:p w@host/x}', '${IMG:-***@host/x}'],
    ['https://ghp_token@host/x', 'https://***@host/x'],
    ['token@host/x', '***@host/x'],
    [`joe:p@ss@host/x@sha256:${'a'.repeat(64)}`, `***@host/x@sha256:${'a'.repeat(64)}`]
  ])('%s', (reference, shown) => {
    expect(withoutLogin(reference)).toBe(shown)
  })

  test.each([
    'web',
    'web@latest',
    'web:1.2@sha256:abc',
    'a/web:1.2@sha512:abc',
    `host:5000/web:1@sha256:${'a'.repeat(64)}`,
    '${IMG:-web:1}'
  ])('is not in %s', reference => {
    expect(withoutLogin(reference)).toBe(reference)
  })

  test('never gets through', () => {
    const password = fc.string({ minLength: 4, maxLength: 20 }).map(text => `Pl4nted${text}`)
    const before = fc.constantFrom('', 'https://', 'ssh://', '${IMG:-', '${IMG-https://')
    fc.assert(
      fc.property(before, password, fc.constantFrom('host/x', 'host:5000/x:1}', 'x'), (start, secret, name) => {
        expect(withoutLogin(`${start}joe:${secret}@${name}`)).not.toContain('Pl4nted')
      })
    )
  })
})
