import valid from 'semver/functions/valid.js'
import { Failure } from '../../failure.ts'

declare const versionBrand: unique symbol

/** A strict semantic version without a leading `v` and without build metadata, so that it is an image tag too. */
export type Version = string & { readonly [versionBrand]: true }

/** What the input `version` asks for. */
export type VersionChoice =
  | { readonly kind: 'from-git-tag' }
  | { readonly kind: 'auto' }
  | { readonly kind: 'highest' }
  | { readonly kind: 'exact'; readonly version: Version }

/** What a pushed git tag says about the version. */
export type GitTagVersion =
  | { readonly kind: 'version'; readonly version: Version }
  /** It is no version; `why` when it looks like one. */
  | { readonly kind: 'none'; readonly why?: string }

/** An image tag has room for this many characters. */
const MAX_VERSION_LENGTH = 128

const STRICT = 'write three numbers without leading zeros, as in 1.4.2 or 1.4.2-rc.1'

/** Reads the input `version`: empty, `auto`, `highest`, or one exact version. */
export function parseVersionChoice(text: string): VersionChoice {
  if (text === '') return { kind: 'from-git-tag' }
  if (text === 'auto' || text === 'highest') return { kind: text }
  return { kind: 'exact', version: parseVersion(text) }
}

/** Reads one exact version, with or without a leading `v`; `invalid-input` says why it is none. */
export function parseVersion(text: string): Version {
  const version = text.replace(/^v/, '')
  refuseBuildMetadata(text, version)
  if (isVersion(version)) return version
  throw new Failure('invalid-input', `'${text}' is not a semantic version`, { remedy: STRICT })
}

/**
 * The version that a pushed git tag gives: `v1.2.3` or `1.2.3`; with a prefix only `PREFIX@1.2.3`, `PREFIX/v1.2.3` and
 * `PREFIX-v1.2.3`, the `v` being optional. The tag of another package of a monorepo is refused: a version on the wrong
 * package cannot be taken back.
 */
export function versionOfGitTag(tag: string, prefix = ''): GitTagVersion {
  const own = prefix === '' ? tag : withoutPrefix(tag, prefix)
  if (own === undefined) {
    if (isPackageVersion(tag)) {
      throw new Failure('invalid-input', `the git tag '${tag}' is a version of another package, not of '${prefix}'`, {
        remedy: `start this job only for tags that begin with '${prefix}', or correct 'tag-prefix'`
      })
    }
    return { kind: 'none', why: `the git tag '${tag}' does not begin with the prefix '${prefix}'` }
  }
  const version = own.replace(/^v/, '')
  refuseBuildMetadata(tag, version)
  if (isVersion(version)) return { kind: 'version', version }
  if (/^\d+\.\d+\.\d+/.test(version)) {
    return { kind: 'none', why: `the git tag '${tag}' looks like a version, but is not a strict semantic version` }
  }
  return { kind: 'none' }
}

/** The version that any git tag of the repository gives to the package; undefined for whatever else it is. */
export function releasedVersion(tag: string, prefix: string): Version | undefined {
  const version = (prefix === '' ? tag : withoutPrefix(tag, prefix))?.replace(/^v/, '')
  return version !== undefined && isVersion(version) ? version : undefined
}

/** A git tag that gives the version to the package. */
export function gitTagOf(version: Version, prefix: string): string {
  return prefix === '' ? `v${version}` : `${prefix.replace(/[@/-]$/, '')}@${version}`
}

/** Is this a strict semantic version that an image tag can hold as it is? */
export function isVersion(text: string): text is Version {
  return text.length <= MAX_VERSION_LENGTH && valid(text) === text
}

/** What follows `PREFIX@`, `PREFIX/` or `PREFIX-`; the prefix may have been given with its separator. */
function withoutPrefix(tag: string, prefix: string): string | undefined {
  const name = prefix.replace(/[@/-]$/, '')
  if (!tag.startsWith(name) || !/^[@/-]/.test(tag.slice(name.length))) return undefined
  const rest = tag.slice(name.length + 1)
  // `api-client-v1.2.3` begins with `api-`, and belongs to another package.
  return isPackageVersion(rest) ? undefined : rest
}

/** Does a package's name stand before the version? */
function isPackageVersion(tag: string): boolean {
  return /^[^\d].*[@/-]v?\d+\.\d+\.\d+/.test(tag) && !/^v\d+\.\d+\.\d+/.test(tag)
}

function refuseBuildMetadata(text: string, version: string): void {
  const plus = version.indexOf('+')
  if (plus === -1 || valid(version) === null) return
  throw new Failure(
    'invalid-input',
    `the version '${text}' has build metadata, and '+' is not possible in an image tag`,
    {
      // Replacing it by a dash would turn the version into a prerelease, which is lower than the version itself.
      remedy: `use ${version.slice(0, plus)} as the version`
    }
  )
}
