import { Failure } from '../../failure.ts'
import { type Digest, formatImageReference, type ImageReference } from './reference.ts'

/** How a task definition names an image (input `pin`). */
export type PinMode = 'auto' | 'tag' | 'digest' | 'tag@digest'

/** What is known of the image when its reference is chosen. */
export interface PinnableImage extends Pick<ImageReference, 'registry' | 'repository'> {
  /** A tag that was seen to point at the digest, if the image has one. */
  readonly tag: string | undefined
  readonly digest: Digest
  /** The registry promises that the tag stays where it is. */
  readonly tagGuaranteed: boolean
}

/** RegisterTaskDefinition counts this for a tag form as a whole, and for a digest form before the `@`. */
const MAX_ECS_LENGTH = 255

/** The reference for the task definition; `invalid-input` when a tag is asked for and the image has none. */
export function choosePin(mode: PinMode, image: PinnableImage): string {
  const { registry, repository, digest } = image
  const withTag = mode === 'auto' ? image.tagGuaranteed && image.tag !== undefined : mode !== 'digest'
  const withDigest = mode === 'digest' || mode === 'tag@digest' || !withTag
  if (withTag && image.tag === undefined) {
    throw new Failure('invalid-input', `pin is '${mode}', but ${repository}@${digest} has no tag`, {
      remedy: "set 'pin' to 'digest' or 'auto', or give the image a tag"
    })
  }
  const name = formatImageReference({
    registry,
    repository,
    ...(withTag && image.tag !== undefined ? { tag: image.tag } : {})
  })
  if (name.length > MAX_ECS_LENGTH) {
    throw new Failure('invalid-input', `'${name}' has ${name.length} characters, and ECS takes ${MAX_ECS_LENGTH}`, {
      remedy: withTag ? "set 'pin' to 'digest', or use a shorter tag" : 'use a repository with a shorter name'
    })
  }
  return withDigest ? `${name}@${digest}` : name
}
