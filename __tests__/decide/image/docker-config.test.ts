import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { findCredentials, readHelperAnswer } from '../../../src/decide/image/docker-config.ts'
import type { Json } from '../../../src/decide/json.ts'

const AUTH = btoa('me:secret')
const LOGIN = { kind: 'login', username: 'me', password: 'secret' }

describe('credentials in the file', () => {
  test.each([
    ['ghcr.io', 'ghcr.io'],
    ['https://ghcr.io', 'ghcr.io'],
    ['https://ghcr.io/v2/', 'ghcr.io'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['docker.io', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
    ['registry.example:5000', 'registry.example:5000']
  ])('filed under %s are for %s', (key, registry) => {
    expect(findCredentials({ auths: { [key]: { auth: AUTH } } }, registry)).toEqual([LOGIN])
  })

  test.each([
    ['ghcr.io/team', 'ghcr.io'],
    ['evil-ghcr.io', 'ghcr.io'],
    ['ghcr.io.evil.example', 'ghcr.io'],
    ['registry.example', 'registry.example:5000']
  ])('filed under %s are not for %s', (key, registry) => {
    expect(findCredentials({ auths: { [key]: { auth: AUTH } } }, registry)).toEqual([])
  })

  test.each([
    ['a password with colons', { auth: btoa('me:a:b') }, { ...LOGIN, password: 'a:b' }],
    ['padding of Docker', { auth: btoa('me:secret\0\0') }, LOGIN],
    ['plain members', { username: 'me', password: 'secret' }, LOGIN],
    ['an identity token', { auth: AUTH, identitytoken: 'refresh' }, { kind: 'identity-token', token: 'refresh' }],
    ['letters beyond ASCII', { auth: Buffer.from('me:pä').toString('base64') }, { ...LOGIN, password: 'pä' }]
  ])('may have %s', (_, entry, expected) => {
    expect(findCredentials({ auths: { 'ghcr.io': entry } }, 'ghcr.io')).toEqual([expected])
  })

  test.each([{}, { auth: '' }, { auth: '%%%' }, { auth: btoa('me:') }, { auth: btoa(':secret') }, 'text', null])(
    'may be worth nothing: %j',
    entry => {
      expect(findCredentials({ auths: { 'ghcr.io': entry } }, 'ghcr.io')).toEqual([])
    }
  )
})

test('a helper for the registry comes first, the general one last', () => {
  const config = { auths: { 'ghcr.io': { auth: AUTH } }, credsStore: 'desktop', credHelpers: { 'ghcr.io': 'gh' } }
  expect(findCredentials(config, 'ghcr.io')).toEqual([
    { kind: 'helper', name: 'gh', server: 'ghcr.io' },
    LOGIN,
    { kind: 'helper', name: 'desktop', server: 'ghcr.io' }
  ])
  expect(findCredentials({ credsStore: 'desktop' }, 'docker.io')).toEqual([
    { kind: 'helper', name: 'desktop', server: 'https://index.docker.io/v1/' }
  ])
})

test('the answer of a helper is a password, an identity token, or nothing', () => {
  expect(readHelperAnswer({ Username: 'me', Secret: 'secret' })).toEqual(LOGIN)
  expect(readHelperAnswer({ Username: '<token>', Secret: 't' })).toEqual({ kind: 'identity-token', token: 't' })
  expect(readHelperAnswer({ Username: 'me' })).toBeUndefined()
  expect(readHelperAnswer([])).toBeUndefined()
})

test('no document makes it fail', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => void findCredentials({ auths: value, credHelpers: value } as Json, 'ghcr.io'))
  )
})
