import satisfies from 'semver/functions/satisfies.js'
import validRange from 'semver/ranges/valid.js'
import { Failure } from '../../failure.ts'
import { versionOfImageTag } from './image-tag.ts'
import { compareVersions, isPrerelease } from './order.ts'
import type { Version } from './tag.ts'

declare const rangeBrand: unique symbol

/** A range of semantic versions, e.g. `^1.4`. */
export type VersionRange = string & { readonly [rangeBrand]: true }

/** Which versions count. */
export interface VersionFilter {
  /** Undefined: any. */
  readonly range: VersionRange | undefined
  readonly prerelease: boolean
}

/** A tag that is a version, and what it is on. */
export interface Versioned {
  readonly version: Version
  /** The tag as it is written, with its `v` if it has one. */
  readonly tag: string
  readonly digest: string
}

/** What is known of a repository's versions after all its tags were seen. */
export interface VersionSurvey {
  /** The highest that counts. */
  readonly highest: Versioned | undefined
  /** The highest that counts and is no prerelease. */
  readonly stable: Versioned | undefined
  /** The highest of all, whether it counts or not. */
  readonly top: Versioned | undefined
  /** How many tags are versions at all. */
  readonly versions: number
  /** How many tags there are. */
  readonly tags: number
}

/** A repository of which no tag was seen yet. */
export const NOTHING_SEEN: VersionSurvey = {
  highest: undefined,
  stable: undefined,
  top: undefined,
  versions: 0,
  tags: 0
}

/** Reads a range of versions; `invalid-input` when it is none. */
export function parseVersionRange(text: string): VersionRange {
  // "*" and "" are ranges, too, and mean the same as no range at all.
  if (text.trim() !== '' && validRange(text) !== null) return text as VersionRange
  throw new Failure('invalid-input', `'${text}' is no range of versions`, {
    remedy: 'write one as ^1.4, ~1.4.2, 1.x or >=1.4.0 <2.0.0'
  })
}

/**
 * Adds tags to what is known; what is kept does not grow with their number. Those in `commits` are no versions, although
 * they look like it.
 */
export function survey(
  before: VersionSurvey,
  page: Iterable<{ readonly tag: string; readonly digest: string }>,
  filter: VersionFilter,
  commits: ReadonlySet<string> = new Set()
): VersionSurvey {
  let { highest, stable, top, versions, tags } = before
  for (const { tag, digest } of page) {
    tags += 1
    const version = commits.has(tag) ? undefined : versionOfImageTag(tag)
    if (version === undefined) continue
    versions += 1
    const found = { version, tag, digest }
    top = higher(top, found)
    if (!counts(version, filter)) continue
    highest = higher(highest, found)
    if (!isPrerelease(version)) stable = higher(stable, found)
  }
  return { highest, stable, top, versions, tags }
}

/** The higher of two; of `1.2.3` and `v1.2.3` the one that is written without the letter. */
function higher(best: Versioned | undefined, found: Versioned): Versioned {
  if (best === undefined) return found
  const order = compareVersions(found.version, best.version)
  if (order !== 0) return order > 0 ? found : best
  return found.tag.length < best.tag.length ? found : best
}

function counts(version: Version, { range, prerelease }: VersionFilter): boolean {
  if (!prerelease && isPrerelease(version)) return false
  return range === undefined || satisfies(version, range, { includePrerelease: prerelease })
}
