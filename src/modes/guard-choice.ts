import type { TagImmutability } from '../decide/image/immutability.ts'
import { refuseMarker } from '../decide/image/marker.ts'
import { textAt } from '../decide/json.ts'
import { containersOf, type TaskDefinitionDocument } from '../decide/task/document.ts'
import { Failure } from '../failure.ts'
import type { ImageInputs } from '../inputs/image.ts'
import type { ImageChoice } from '../steps/choose-image.ts'
import { protectTags } from '../steps/protect-tags.ts'
import type { DeployRun } from './deploy.ts'

/** A choice whose tags are as safe as `tag-immutability` wants them. */
export interface GuardedChoice {
  /** Its repository is as it will be when the tags are put. */
  readonly choice: ImageChoice
  /** What has to be set for that. */
  readonly protection: TagImmutability | undefined
}

/** Decides what becomes of the repository's settings; fails with `mutable-repository` where they must not stay. */
export function guardChoice({ inputs, emit }: DeployRun, choice: ImageChoice): GuardedChoice {
  const { guard } = inputs.image
  const telling = { dryRun: inputs.dryRun, emit }
  switch (choice.kind) {
    case 'foreign':
      refuseTags(inputs.image)
      return { choice, protection: undefined }
    case 'unbuilt': {
      const { located, tags } = choice.unbuilt
      const names = tags.map(({ tag }) => tag)
      const { repository, change } = protectTags(guard, located.repository, names, telling)
      emit({ kind: 'note', text: `would build an image and tag it in ${repository.uri}: ${names.join(', ')}` })
      const unbuilt = { ...choice.unbuilt, located: { ...located, repository } }
      return { choice: { kind: 'unbuilt', unbuilt }, protection: change }
    }
    case 'ecr': {
      const { image, tags } = choice.chosen
      const names = tags.map(({ tag }) => tag)
      const { repository, change } = protectTags(guard, image.repository, names, telling)
      const chosen = { ...choice.chosen, image: { ...image, repository } }
      return { choice: { kind: 'ecr', chosen }, protection: change }
    }
  }
}

/** An image outside ECR keeps the tags that it has there, so that others could only be lost without a word. */
function refuseTags({ tags, tagImage }: ImageInputs): void {
  if (tags.length === 0 && tagImage !== 'always') return
  const asked = tags.length > 0 ? `tags ${tags.join(', ')}` : "tag that 'tag-image: always' asks for"
  throw new Failure('invalid-input', `the ${asked} cannot be put: the image is outside ECR`, {
    remedy: "leave 'tags' and 'tag-image' out, or mirror the image into ECR first (mode mirror)"
  })
}

/** Refuses a marker that no image of this run can get, or that a container of the revision would run. */
export function guardMarker(
  { inputs }: DeployRun,
  document: TaskDefinitionDocument,
  choice: ImageChoice | undefined
): void {
  const { marker } = inputs.image.guard
  if (marker === undefined) return
  if (choice === undefined || choice.kind === 'foreign') {
    throw new Failure('marker-tag', `the marker '${marker}' has no image of this run to be on`, {
      remedy: "leave 'marker-tag' out, or deploy an image of ECR"
    })
  }
  const { repository, tags } =
    choice.kind === 'ecr'
      ? { repository: choice.chosen.image.repository, tags: choice.chosen.tags }
      : { repository: choice.unbuilt.located.repository, tags: choice.unbuilt.tags }
  refuseMarker({
    marker,
    repository,
    tags: tags.map(({ tag }) => tag),
    images: containersOf(document).map(container => [textAt(container, 'name') ?? '', textAt(container, 'image') ?? ''])
  })
}
