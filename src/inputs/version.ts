import { parseVersionRange, type VersionFilter } from '../decide/version/highest.ts'
import type { VersionRules } from '../decide/version/next.ts'
import { isPrerelease } from '../decide/version/order.ts'
import { parseVersion, parseVersionChoice, type Version } from '../decide/version/tag.ts'
import { quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { InputName } from './defaults.ts'
import type { InputReader } from './reader.ts'

/** Where the version of the image comes from. */
export type VersionRequest =
  /** The pushed git tag, if it is a version. */
  | { readonly kind: 'from-git-tag' }
  | { readonly kind: 'exact'; readonly version: Version }
  /** The next one after the commits since the last; only commits that touch `paths` count, as far as that was said. */
  | { readonly kind: 'auto'; readonly rules: VersionRules; readonly paths: readonly string[] | undefined }
  /** The image with the highest version that is in the repository. */
  | { readonly kind: 'highest'; readonly filter: VersionFilter }

/** Which kinds of version an input has a meaning for. */
const MEANT_FOR: readonly (readonly [InputName, readonly VersionRequest['kind'][]])[] = [
  ['version-range', ['highest']],
  ['prerelease', ['auto', 'highest']],
  ['initial-version', ['auto']],
  ['major-zero', ['auto']],
  ['version-paths', ['auto']]
]

/** Reads the inputs about the version. */
export function readVersionInputs(reader: InputReader): VersionRequest {
  const choice = reader.parsed('version', () => parseVersionChoice(reader.line('version')))
  for (const [name] of MEANT_FOR) reader.accept(name)
  if (choice === undefined) return { kind: 'from-git-tag' }
  for (const [name, kinds] of MEANT_FOR) {
    if (!reader.isSet(name) || kinds.includes(choice.kind)) continue
    reader.refuse(`input ${name} means something only with version: ${kinds.join(' or ')}; leave it out`)
  }
  switch (choice.kind) {
    case 'from-git-tag':
    case 'exact':
      return choice
    case 'auto':
      return { kind: 'auto', rules: readRules(reader), paths: readPaths(reader) }
    case 'highest':
      if (reader.isSet('image') || reader.isSet('context')) {
        reader.refuse('input version is highest, which deploys an image that is there; leave out image and context')
      }
      return { kind: 'highest', filter: readVersionFilter(reader) }
  }
}

/** Reads which versions of a repository count for the highest one. */
export function readVersionFilter(reader: InputReader): VersionFilter {
  const text = reader.line('version-range')
  const range = text === '' ? undefined : reader.parsed('version-range', () => parseVersionRange(text))
  return { range, prerelease: reader.flag('prerelease') }
}

function readRules(reader: InputReader): VersionRules {
  const text = reader.line('initial-version')
  const initial = reader.parsed('initial-version', () => parseInitial(text))
  return {
    initial: initial ?? parseVersion('1.0.0'),
    majorZero: reader.choice('major-zero', ['keep', 'strict']),
    prerelease: reader.flag('prerelease')
  }
}

function parseInitial(text: string): Version {
  const version = parseVersion(text)
  if (!isPrerelease(version)) return version
  throw new Failure('invalid-input', `${quoted(text)} is a prerelease`, {
    remedy: "leave the part after the dash out; 'prerelease' asks for prereleases"
  })
}

/** Paths below the root of the repository. */
function readPaths(reader: InputReader): readonly string[] | undefined {
  const named = reader.list('version-paths')
  if (named.length === 0) return undefined
  for (const path of named) {
    if (path.startsWith('/') || path.split('/').includes('..')) {
      reader.refuse(`input version-paths has ${quoted(path)}; write paths below the root of the repository`)
    }
  }
  const plain = named.map(path =>
    path
      .split('/')
      .filter(part => part !== '' && part !== '.')
      .join('/')
  )
  return plain.includes('') ? [] : plain
}
