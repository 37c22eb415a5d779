import { Failure } from '../../failure.ts'
import { isLegalTag, MAX_TAG_LENGTH, TAG_RULE } from './tag-grammar.ts'

/** What a commit's tag is made of. */
export interface CommitTagParts {
  /** Branch, or what stands for it (`pr-12`). */
  readonly branch: string
  /** Full commit id, 40 or 64 hex digits. */
  readonly sha: string
  /** How many of its digits the tag shows, 7 to 40. */
  readonly shaLength: number
}

const MIN_SHA_LENGTH = 7
const MAX_SHA_LENGTH = 40

/** What a name without a single legal character becomes. */
const NAMELESS = 'ref'

/**
 * The legal tag characters of a git name. Accents fall off their letters, anything else becomes one dash, and the ends
 * lose dots and dashes, because a tag may not start with them. Case stays: tags have it.
 */
export function slug(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '')
  return trimEnds(plain.replace(/[^a-zA-Z0-9._-]+/g, '-').replace(/-{2,}/g, '-')) || NAMELESS
}

/**
 * `BRANCH-SHA`, always legal. Only the branch is ever cut, so that the tag always says which commit it is; the digits
 * come from the full id, since `git rev-parse --short` gives a length that depends on how much of the history is there.
 */
export function commitTag({ branch, sha, shaLength }: CommitTagParts): string {
  if (!Number.isInteger(shaLength) || shaLength < MIN_SHA_LENGTH || shaLength > MAX_SHA_LENGTH) {
    throw new Failure('invalid-input', `sha-length is ${shaLength}`, {
      remedy: `give a whole number from ${MIN_SHA_LENGTH} to ${MAX_SHA_LENGTH}`
    })
  }
  const digits = sha.slice(0, shaLength)
  const room = MAX_TAG_LENGTH - 1 - digits.length
  const tag = `${trimEnds(slug(branch).slice(0, room))}-${digits}`
  if (!isLegalTag(tag)) throw new Failure('internal-error', `'${tag}' was made as a tag and is not legal`)
  return tag
}

/** A day, at times with hours, minutes and seconds; its digits are those of a commit, too. */
const TIMESTAMP = /^20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d\d){0,3}$/

/** The first digits of the commit that a tag names at its end; undefined when it ends in none, or in a date. */
export function commitInTag(tag: string): string | undefined {
  const digits = /-([0-9a-f]{7,40})$/.exec(tag)?.[1]
  return digits === undefined || TIMESTAMP.test(digits) ? undefined : digits
}

/** Is a tag this commit's: its id, at least seven digits of it, or ending in it? */
export function endsInCommit(tag: string, sha: string): boolean {
  const digits = /(?:^|[._-])([0-9a-f]{7,64})$/.exec(tag)?.[1]
  return digits !== undefined && sha.startsWith(digits)
}

/** Checks the tags that were asked for besides; `invalid-input` names the first that cannot be one. */
export function parseAdditionalTags(lines: readonly string[]): readonly string[] {
  for (const tag of lines) {
    if (!isLegalTag(tag)) {
      const plus = tag.includes('+') ? "; '+' is not possible in an image tag" : ''
      throw new Failure('invalid-input', `'${tag}' in the input 'tags' is no legal image tag`, {
        remedy: TAG_RULE + plus
      })
    }
    if (tag === 'latest') {
      throw new Failure('invalid-input', "'latest' in the input 'tags' is a tag that everybody expects to move", {
        remedy: 'leave it out: the tags given here stay with their image for good'
      })
    }
  }
  return [...new Set(lines)]
}

function trimEnds(text: string): string {
  return text.replace(/^[-.]+|[-.]+$/g, '')
}
