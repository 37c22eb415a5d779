import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseChallenge } from '../../../src/decide/image/challenge.ts'

const HUB =
  'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"'

test.each([
  [
    HUB,
    { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/nginx:pull' }
  ],
  ['bearer realm=https://a/t', { realm: 'https://a/t' }],
  ['BEARER  realm = "a,b \\"c\\"" , service = "s"', { realm: 'a,b "c"', service: 's' }],
  ['Basic realm="x", Bearer realm="https://a/t"', { realm: 'https://a/t' }],
  ['Bearer realm="https://a/t",error="invalid_token", Basic realm="x"', { realm: 'https://a/t' }]
])('%s asks for a token', (header, expected) => {
  expect(parseChallenge(header)).toMatchObject({ scheme: 'bearer', ...expected })
})

test.each(['Basic', 'basic realm="x"', 'Negotiate, Basic realm="Registry"', 'Bearer service="s", Basic realm="x"'])(
  '%s asks for a password',
  header => {
    expect(parseChallenge(header)).toEqual({ scheme: 'basic' })
  }
)

test.each(['', 'Negotiate', 'Bearer', 'realm="x"', '"Basic"'])('%j asks for nothing that we have', header => {
  expect(parseChallenge(header)).toBeUndefined()
})

test('any header is read in time proportional to its length', () => {
  const piece = fc.constantFrom('Bearer', 'Basic', ' ', ',', '=', '"', '\\', 'realm', 'x', '\t', '""')
  fc.assert(fc.property(fc.array(piece, { maxLength: 4000 }), pieces => void parseChallenge(pieces.join(''))))
  const startedAt = performance.now()
  for (const long of ['a= '.repeat(2000), '"\\'.repeat(4000), ', '.repeat(4000), 'x'.repeat(8000)]) parseChallenge(long)
  expect(performance.now() - startedAt).toBeLessThan(500)
})
