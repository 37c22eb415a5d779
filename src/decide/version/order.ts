import compare from 'semver/functions/compare.js'
import prerelease from 'semver/functions/prerelease.js'
import type { Version } from './tag.ts'

/** Negative, zero or positive, as semantic versions are ordered. */
export function compareVersions(a: Version, b: Version): number {
  return compare(a, b)
}

/** Is this a prerelease, as `1.5.0-rc.1`? */
export function isPrerelease(version: Version): boolean {
  return prerelease(version) !== null
}
