import { Failure } from '../../failure.ts'
import { splitImage } from '../task/image.ts'
import { listed, quoted } from '../wording.ts'
import { tagCanMove, type TagImmutability } from './immutability.ts'
import { settingsCommand } from './protection.ts'
import { isLegalTag, TAG_RULE } from './tag-grammar.ts'

/** A tag like a version says that it stays, whoever reads it. */
const VERSION = /^v?\d+\.\d+\.\d+/

/** Reads the input `marker-tag`; `invalid-input` for what is no tag, or is one that others expect to stay. */
export function parseMarker(text: string): string {
  if (!isLegalTag(text)) {
    throw new Failure('invalid-input', `${quoted(text)} is no legal image tag`, { remedy: TAG_RULE })
  }
  if (VERSION.test(text)) {
    throw new Failure('invalid-input', `${quoted(text)} looks like a version, and a version never moves`, {
      remedy: "name the environment, e.g. 'prod-current'"
    })
  }
  return text
}

/** Everything that could speak against moving a marker at the end of a run. */
export interface MarkerScene {
  readonly marker: string
  readonly repository: {
    readonly name: string
    readonly uri: string
    readonly immutability: TagImmutability | undefined
  }
  /** The tags that the image of this run has or gets for good. */
  readonly tags: readonly string[]
  /** What the containers of the revision name as their images, by container. */
  readonly images: readonly (readonly [container: string, image: string])[]
}

/** Refuses a marker, before anything changes, that a task definition uses, that must stay, or that cannot be moved. */
export function refuseMarker({ marker, repository, tags, images }: MarkerScene): void {
  if (tags.includes(marker)) {
    throw new Failure('marker-tag', `the marker ${quoted(marker)} is a tag that this image gets for good`, {
      remedy: "give 'marker-tag' a name of its own, e.g. prod-current"
    })
  }
  const users = images.filter(([, image]) => {
    const named = splitImage(image)
    return named.repository === repository.uri && named.tag === marker
  })
  if (users.length > 0) {
    const names = listed(users.map(([container]) => container))
    throw new Failure('marker-tag', `${names} would run ${repository.uri}:${marker}, and a marker moves`, {
      remedy: 'name the image by its own tag or digest'
    })
  }
  if (tagCanMove(repository.immutability, marker) !== false) return
  throw new Failure(
    'marker-tag',
    `repository ${quoted(repository.name)} does not let the marker ${quoted(marker)} move: it is ${repository.immutability?.mode ?? ''}`,
    { remedy: `exclude it: ${settingsCommand(repository, excluding(repository.immutability, marker))}` }
  )
}

/** The settings that would let the marker move, and nothing else that is not excluded already. */
function excluding(current: TagImmutability | undefined, marker: string): TagImmutability {
  const filters = current?.filters ?? []
  // Filters of MUTABLE_WITH_EXCLUSION name what is immutable: that one is to be taken off rather than added to.
  if (current?.mode === 'MUTABLE_WITH_EXCLUSION') {
    return { mode: 'IMMUTABLE_WITH_EXCLUSION', filters: [{ filterType: 'WILDCARD', filter: marker }] }
  }
  return { mode: 'IMMUTABLE_WITH_EXCLUSION', filters: [...filters, { filterType: 'WILDCARD', filter: marker }] }
}
