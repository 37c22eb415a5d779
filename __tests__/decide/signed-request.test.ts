import { expect, test } from '@jest/globals'
import { withoutSignedRequest } from '../../src/decide/signed-request.ts'

const SAID = 'The request signature we calculated does not match the signature you provided.'
const REQUEST = "'POST\n/\n\nhost:ecs\nx-amz-security-token:IQoJ\n\nhost;x-amz-security-token\ne3b0'"

test.each([
  `${SAID}\n\nThe Canonical String for this request should have been\n${REQUEST}\n\nThe String-to-Sign should have been\n'AWS4'\n`,
  `${SAID} The String-to-Sign should have been 'AWS4'`,
  `${SAID} the canonical request was ${REQUEST}`
])('what was signed is cut off: %j', sentence => {
  expect(withoutSignedRequest(sentence)).toBe(SAID)
})

test.each([SAID, '', 'Rate exceeded', 'TheCanonical Stringer'])('%j has nothing of a request', sentence => {
  expect(withoutSignedRequest(sentence)).toBe(sentence)
})

test('a sentence of a megabyte takes no longer than others', () => {
  const startedAt = performance.now()
  withoutSignedRequest(' '.repeat(1_000_000))
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})
