/** How a registry wants to be asked, by a `WWW-Authenticate` header. */
export type Challenge =
  | { readonly scheme: 'basic' }
  /** A token is to be fetched from `realm`; https://distribution.github.io/distribution/spec/auth/token/ */
  | {
      readonly scheme: 'bearer'
      readonly realm: string
      readonly service: string | undefined
      readonly scope: string | undefined
    }

/** What is allowed in one request header of a well-meaning registry; a longer one is not read. */
const LONGEST_HEADER = 8192

/** The challenge to answer: Bearer where it is offered, else Basic; undefined when the header holds neither. */
export function parseChallenge(header: string): Challenge | undefined {
  if (header.length > LONGEST_HEADER) return undefined
  const challenges = readChallenges(header)
  for (const { scheme, parameters } of challenges) {
    const realm = parameters.get('realm')
    if (scheme !== 'bearer' || realm === undefined) continue
    return { scheme, realm, service: parameters.get('service'), scope: parameters.get('scope') }
  }
  return challenges.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : undefined
}

interface RawChallenge {
  readonly scheme: string
  readonly parameters: Map<string, string>
}

/** One piece of RFC 9110 §11.6.1: a parameter with a token or a quoted string, or else a scheme. */
const PIECE = /[\s,]*(?:([!#$%&'*+.^_`|~\w-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|([!#$%&'*+.^_`|~\w-]+))/y

function readChallenges(header: string): readonly RawChallenge[] {
  const challenges: RawChallenge[] = []
  PIECE.lastIndex = 0
  for (let piece = PIECE.exec(header); piece !== null; piece = PIECE.exec(header)) {
    const [, name, quoted, token, scheme] = piece
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() })
    else if (name !== undefined)
      challenges.at(-1)?.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? '')
  }
  return challenges
}
