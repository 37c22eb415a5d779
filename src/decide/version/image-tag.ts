import { isVersion, type Version } from './tag.ts'

/** What an image tells of the commit that it was built from. */
export interface Origin {
  /** The full id of the commit, by its revision label. */
  readonly label: string | undefined
  /** All its tags; they only matter without a label. */
  readonly tags: readonly string[]
}

/** As BRANCH-SHA ends, with every `sha-length`. */
const COMMIT_ENDING = /^(?<name>.+)-(?<digits>[0-9a-f]{7,40})$/

/**
 * The version that a tag of an image gives: three numbers with at most one `v` before them. `01.2.3` and `2024.01.02` are
 * none, and neither is `1.2`, nor BRANCH-SHA of a branch or git tag that is called like a version: `v1.5.0-rc.1-9f8e7d6`
 * would be higher than `1.5.0-rc.1` and `1.5.0-rc.2`. An ending without a letter counts here, for most are numbers or
 * dates; `isCommitTag` tells them apart.
 */
export function versionOfImageTag(tag: string): Version | undefined {
  const version = tag.replace(/^v(?=\d)/, '')
  if (!isVersion(version)) return undefined
  const digits = commitEnding(tag)?.digits
  return digits === undefined || isNumber(digits) ? version : undefined
}

/** Can only the image tell whether this tag ends in a commit, as `2.0.0-1234567` may, or in a number? */
export function mayNameCommit(tag: string): boolean {
  const digits = commitEnding(tag)?.digits
  return digits !== undefined && isNumber(digits)
}

/**
 * Does a tag end in the commit of its image? The label says so for certain; without one, the version before the ending
 * does when it is on the same image, as after the push of a git tag.
 */
export function isCommitTag(tag: string, { label, tags }: Origin): boolean {
  const ending = commitEnding(tag)
  if (ending === undefined) return false
  if (!isNumber(ending.digits)) return true
  if (label !== undefined) return label.startsWith(ending.digits)
  const before = versionOfImageTag(ending.name)
  return before !== undefined && tags.some(other => other !== tag && versionOfImageTag(other) === before)
}

/** The versions that an image has by its tags, in their order. */
export function versionsOfImage(origin: Origin): readonly Version[] {
  return origin.tags.flatMap(tag => (isCommitTag(tag, origin) ? [] : (versionOfImageTag(tag) ?? [])))
}

/** The other way to write a tag that is a version: `v1.4.2` of `1.4.2`, and the other way round. */
export function twinOf(tag: string): string | undefined {
  const version = versionOfImageTag(tag)
  if (version === undefined) return undefined
  return tag === version ? `v${version}` : version
}

function commitEnding(tag: string): { readonly name: string; readonly digits: string } | undefined {
  const { name, digits } = COMMIT_ENDING.exec(tag)?.groups ?? {}
  return name === undefined || digits === undefined ? undefined : { name, digits }
}

function isNumber(digits: string): boolean {
  return !/[a-f]/.test(digits)
}
