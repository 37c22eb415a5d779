import { listed, quoted } from '../wording.ts'
import { ecrCommand, placeByUri } from './ecr-command.ts'
import { matchesWildcard, tagCanMove, type TagFilter, type TagImmutability } from './immutability.ts'

/** What is wanted of a repository whose settings let tags of this run move (input `tag-immutability`). */
export type ProtectionMode = 'require' | 'enforce' | 'warn' | 'ignore'

/** The repository, the tags that are to stay where they are, and the one that is meant to move. */
export interface Protected {
  readonly name: string
  readonly uri: string
  readonly immutability: TagImmutability | undefined
  readonly tags: readonly string[]
  readonly marker: string | undefined
}

/** What is to be done about tags that could move. */
export type Protection =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'warning'; readonly sentence: string }
  | { readonly kind: 'refusal'; readonly sentence: string; readonly remedy: string }
  | { readonly kind: 'change'; readonly settings: TagImmutability; readonly sentence: string }

const IMMUTABLE = 'IMMUTABLE'
const IMMUTABLE_BUT = 'IMMUTABLE_WITH_EXCLUSION'

/** Decides what `tag-immutability` means for a repository, tag by tag; what is not known is not guaranteed. */
export function planProtection(mode: ProtectionMode, repository: Protected): Protection {
  const { name, immutability, marker } = repository
  const loose = repository.tags.filter(tag => tagCanMove(immutability, tag) !== false)
  if (mode === 'ignore' || loose.length === 0) return { kind: 'nothing' }
  if (immutability === undefined) {
    // The digest is deployed then, which nothing can move.
    if (mode === 'warn') return { kind: 'nothing' }
    return {
      kind: 'refusal',
      sentence: `whether tags of repository ${quoted(name)} can move is not known: its settings cannot be read`,
      remedy: "allow ecr:DescribeRepositories, or set 'tag-immutability' to 'warn'"
    }
  }
  const sentence = `repository ${quoted(name)} lets ${listed(loose)} be moved (${describeSettings(immutability)})`
  switch (mode) {
    case 'warn':
      return { kind: 'warning', sentence: `${sentence}; to end that, ${wayOut(repository, immutability, loose)}` }
    case 'require':
      return { kind: 'refusal', sentence, remedy: wayOut(repository, immutability, loose) }
    case 'enforce':
      if (isEnforced(immutability)) return { kind: 'change', settings: immutableSettings(marker), sentence }
      return {
        kind: 'refusal',
        sentence: `${sentence}, by settings that somebody made and 'tag-immutability: enforce' leaves alone`,
        remedy: `${wayOut(repository, immutability, loose)}, or give the image other tags`
      }
  }
}

/** The settings of a repository in which every tag but the marker stays where it is. */
export function immutableSettings(marker: string | undefined): TagImmutability {
  if (marker === undefined) return { mode: IMMUTABLE, filters: [] }
  return { mode: IMMUTABLE_BUT, filters: [{ filterType: 'WILDCARD', filter: marker }] }
}

/** The AWS CLI's command for settings of a repository. */
export function settingsCommand(
  repository: Pick<Protected, 'name' | 'uri'>,
  { mode, filters }: TagImmutability
): string {
  const exclusions = filters.map(({ filterType, filter }) => ` 'filterType=${filterType},filter=${filter}'`).join('')
  const option = exclusions === '' ? '' : ` --image-tag-mutability-exclusion-filters${exclusions}`
  const command = ecrCommand('put-image-tag-mutability', placeByUri(repository))
  return `${command} --image-tag-mutability ${mode}${option}`
}

/**
 * Exclusions that somebody made stay. Those of MUTABLE_WITH_EXCLUSION name the tags that are immutable already, so where
 * every tag becomes immutable they have nothing left to say.
 */
function isEnforced({ mode }: TagImmutability): boolean {
  return mode === 'MUTABLE' || mode === 'MUTABLE_WITH_EXCLUSION'
}

/** What would end it that tags can move, with the command; it keeps every exclusion that has nothing to do with them. */
function wayOut(repository: Protected, current: TagImmutability, loose: readonly string[]): string {
  const { marker } = repository
  if (isEnforced(current)) {
    return `set 'tag-immutability' to 'enforce', or turn it on yourself (${settingsCommand(repository, immutableSettings(marker))})`
  }
  if (current.mode !== IMMUTABLE_BUT)
    return `turn tag immutability on (${settingsCommand(repository, immutableSettings(marker))})`
  const lets = ({ filterType, filter }: TagFilter): boolean =>
    filterType !== 'WILDCARD' || loose.some(tag => matchesWildcard(filter, tag))
  const kept = current.filters.filter(filter => !lets(filter))
  const isMarked = marker === undefined || kept.some(({ filter }) => matchesWildcard(filter, marker))
  const filters = [...kept, ...(isMarked ? [] : immutableSettings(marker).filters)]
  const command = settingsCommand(repository, { mode: filters.length === 0 ? IMMUTABLE : IMMUTABLE_BUT, filters })
  const off = current.filters.filter(lets).map(({ filter }) => filter)
  return `take the exclusion of ${listed(off)} off (${command})`
}

/** `IMMUTABLE`, or the mode and its exclusions. */
export function describeSettings({ mode, filters }: TagImmutability): string {
  return filters.length === 0 ? mode : `${mode} ${listed(filters.map(({ filter }) => filter))}`
}
