import prerelease from 'semver/functions/prerelease.js'
import { raise, raisePrerelease, type MajorZero } from './bump.ts'
import type { Change } from './commits.ts'
import { compareVersions, isPrerelease } from './order.ts'
import { parseVersion, type Version } from './tag.ts'

/** How `version: auto` counts. */
export interface VersionRules {
  /** What the first version is; no prerelease. */
  readonly initial: Version
  readonly majorZero: MajorZero
  /** Whether prereleases are considered, and made. */
  readonly prerelease: boolean
}

/** The versions that a next one must exceed. */
export interface LastVersions {
  /** The highest that is no prerelease. */
  readonly stable: Version | undefined
  /** The highest of all, prereleases too. */
  readonly highest: Version | undefined
}

/** The largest changes since those versions; undefined where nothing asks for a release. */
export interface ChangesSince {
  readonly stable: Change | undefined
  readonly highest: Change | undefined
}

/** What stands before the number of a prerelease, where no line of prereleases is open yet. */
const IDENTIFIER = 'rc'

/** The version that a next one is counted from: the highest of those that are considered. */
export function lastVersion({ stable, highest }: LastVersions, { prerelease }: VersionRules): Version | undefined {
  return prerelease ? highest : stable
}

/**
 * The version after the last one, higher than every version that was considered; undefined when nothing since then asks
 * for a release. The first version needs no reason.
 */
export function nextVersion(last: LastVersions, changes: ChangesSince, rules: VersionRules): Version | undefined {
  const asked = rules.prerelease ? changes.highest : changes.stable
  if (lastVersion(last, rules) !== undefined && asked === undefined) return undefined
  if (!rules.prerelease) return nextStable(last, changes.stable, rules)
  return nextPrerelease(last, changes, rules)
}

function nextStable({ stable, highest }: LastVersions, change: Change | undefined, rules: VersionRules): Version {
  if (stable !== undefined) return raise(stable, change ?? 'fix', rules.majorZero)
  if (highest === undefined) return rules.initial
  // What has only prereleases so far becomes what they announce, and never less than they are.
  const announced = parseVersion(highest.replace(/-.*$/, ''))
  return compareVersions(announced, rules.initial) > 0 ? announced : rules.initial
}

/** An open line of prereleases goes on, unless the changes since the last stable version ask for a higher one. */
function nextPrerelease(last: LastVersions, changes: ChangesSince, rules: VersionRules): Version {
  const { highest } = last
  const target = nextStable(last, changes.stable, rules)
  if (highest === undefined || !isPrerelease(highest)) return parseVersion(`${target}-${IDENTIFIER}.1`)
  const following = raisePrerelease(highest)
  const first = parseVersion(`${target}-${identifierOf(highest)}.1`)
  return compareVersions(following, first) > 0 ? following : first
}

/** `beta` of `1.5.0-beta.3`; a line that counts without a name goes on with the usual one. */
function identifierOf(version: Version): string {
  const [first] = prerelease(version) ?? []
  return typeof first === 'string' ? first : IDENTIFIER
}
