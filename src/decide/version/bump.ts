import inc from 'semver/functions/inc.js'
import major from 'semver/functions/major.js'
import { Failure } from '../../failure.ts'
import type { Change } from './commits.ts'
import { isVersion, type Version } from './tag.ts'

/** What a breaking change means below 1.0.0: `keep` raises minor there, `strict` makes 1.0.0. */
export type MajorZero = 'keep' | 'strict'

/** The part of a version that is raised. */
type Part = 'major' | 'minor' | 'patch'

/** The part that a change raises in a version: with `keep`, a version below 1.0.0 stays below it. */
function raisedPart(version: Version, change: Change, majorZero: MajorZero): Part {
  switch (change) {
    case 'breaking':
      return major(version) === 0 && majorZero === 'keep' ? 'minor' : 'major'
    case 'feature':
      return 'minor'
    case 'fix':
      return 'patch'
  }
}

/** The stable version that a change makes of a stable one; `invalid-input` when a number gets too large. */
export function raise(version: Version, change: Change, majorZero: MajorZero): Version {
  return checked(inc(version, raisedPart(version, change, majorZero)), version)
}

/** The prerelease after a prerelease: `1.5.0-rc.1` → `1.5.0-rc.2`. */
export function raisePrerelease(version: Version): Version {
  return checked(inc(version, 'prerelease'), version)
}

function checked(raised: string | null, from: Version): Version {
  if (raised !== null && isVersion(raised)) return raised
  throw new Failure('invalid-input', `there is no version after ${from}: a number would be too large`, {
    remedy: "give the next version by hand in 'version'"
  })
}
