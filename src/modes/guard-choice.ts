import type { TagImmutability } from '../decide/image/immutability.ts'
import { refuseMarker } from '../decide/image/marker.ts'
import { textAt } from '../decide/json.ts'
import { containersOf, type TaskDefinitionDocument } from '../decide/task/document.ts'
import { Failure } from '../failure.ts'
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
  switch (choice.kind) {
    case 'foreign':
      return { choice, protection: undefined }
    case 'unbuilt': {
      const { located, tags } = choice.unbuilt
      const names = tags.map(({ tag }) => tag)
      const { repository, change } = protectTags(guard, located.repository, names, emit)
      const unbuilt = { ...choice.unbuilt, located: { ...located, repository } }
      return { choice: { kind: 'unbuilt', unbuilt }, protection: change }
    }
    case 'ecr': {
      const { image, tags } = choice.chosen
      const names = tags.map(({ tag }) => tag)
      const { repository, change } = protectTags(guard, image.repository, names, emit)
      const chosen = { ...choice.chosen, image: { ...image, repository } }
      return { choice: { kind: 'ecr', chosen }, protection: change }
    }
  }
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
