/** Behind these words go all headers that are signed, one of which is the session token. */
const QUOTED_REQUEST = /\bthe (?:canonical (?:string|request)|string-to-sign)\b/i

/**
 * What AWS says of a request without the request itself, which it quotes to the end when the signature does not match.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export function withoutSignedRequest(sentence: string): string {
  const { index } = QUOTED_REQUEST.exec(sentence) ?? {}
  return index === undefined ? sentence : sentence.slice(0, index).trimEnd()
}
