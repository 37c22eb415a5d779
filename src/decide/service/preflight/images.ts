import { restoreNamed } from '../../image/archive.ts'
import { fits, formatPlatform, type ImagePlatform } from '../../image/manifest.ts'
import { asList, asObject, type JsonObject } from '../../json.ts'
import { requiredPlatform } from '../../task/platform.ts'
import { listed, quoted } from '../../wording.ts'
import type { ServiceSnapshot } from '../snapshot.ts'
import type { Finding } from './finding.ts'

/** What ECR says of an image that a container names. */
export type ImageState =
  /** `platforms` is undefined where they could not be read, or not all of them. */
  | { readonly kind: 'there'; readonly platforms: readonly ImagePlatform[] | undefined }
  | { readonly kind: 'missing' }
  /** In the archive storage class: nothing pulls it before it is restored. */
  | { readonly kind: 'archived' }
  | { readonly kind: 'no-repository' }
  /** ECR did not say, or said something else. */
  | { readonly kind: 'unread'; readonly why: string; readonly remedy: string }

/** A container, the image it names, and what became of it. */
export interface ContainerImage {
  readonly container: string
  readonly image: string
  readonly state: ImageState
}

/** What keeps the tasks of a revision from getting the images that its containers name. */
export function unpullable(images: readonly ContainerImage[]): readonly Finding[] {
  return images.flatMap(({ container, image, state }) => {
    const of = `the image ${quoted(image)} of container ${listed([container])}`
    switch (state.kind) {
      case 'there':
        return []
      case 'missing':
        return finding('error', 'image-not-found', `${of} is not in ECR`, 'push it, or name one that is there')
      case 'archived':
        return finding('error', 'image-archived', `${of} is archived in ECR: no task can pull it`, restoreNamed(image))
      case 'no-repository':
        return finding(
          'warning',
          'repository-not-found',
          `${of} has no repository in ECR`,
          'create it and push the image, unless a pull-through cache makes it with the first pull'
        )
      case 'unread':
        return finding('hint', 'access-denied', `${of} could not be checked: ${state.why}`, state.remedy)
    }
  })
}

/**
 * Whether a revision needs a certain platform: Fargate assumes one; where the tasks may run on instances, those decide
 * unless the revision names the architecture.
 */
export function needsPlatform(document: JsonObject): boolean {
  const launchTypes = asList(document['requiresCompatibilities'])
  const isFargateOnly = launchTypes.length > 0 && launchTypes.every(type => type === 'FARGATE')
  return isFargateOnly || asObject(document['runtimePlatform'])?.['cpuArchitecture'] !== undefined
}

/** Images whose platforms are known and do not suit the revision. */
export function wrongPlatforms(document: JsonObject, images: readonly ContainerImage[]): readonly Finding[] {
  if (!needsPlatform(document)) return []
  const wanted = requiredPlatform(document)
  return images.flatMap(({ container, state }) => {
    if (state.kind !== 'there' || state.platforms === undefined) return []
    if (state.platforms.some(platform => fits(platform, wanted))) return []
    const offered = state.platforms.map(formatPlatform).join(', ')
    return finding(
      'error',
      'platform-mismatch',
      `the image of container ${listed([container])} has no variant for ${formatPlatform(wanted)}, which the task ` +
        `definition asks for; it has ${offered === '' ? 'none' : listed([offered])}`,
      "build it for that platform ('platforms'), or set runtimePlatform in the task definition"
    )
  })
}

/** Images of the running revision without which ECS cannot go back to it. */
export function noWayBack(service: ServiceSnapshot, images: readonly ContainerImage[]): readonly Finding[] {
  return images.flatMap(({ container, image, state }) => {
    const of = `the image ${quoted(image)} that container ${listed([container])} of ${service.name} runs now`
    const consequence = 'so there is no way back to that revision, and it cannot replace a task that stops'
    switch (state.kind) {
      case 'there':
        return []
      case 'missing':
      case 'no-repository':
        return finding(
          'warning',
          'image-not-found',
          `${of} is gone from ECR, ${consequence}`,
          'keep the images of running revisions: see the lifecycle policy of the repository'
        )
      case 'archived':
        return finding('warning', 'image-archived', `${of} is archived in ECR, ${consequence}`, restoreNamed(image))
      case 'unread':
        return finding('hint', 'access-denied', `${of} could not be checked: ${state.why}`, state.remedy)
    }
  })
}

function finding(
  severity: Finding['severity'],
  code: Finding['code'],
  sentence: string,
  remedy: string
): readonly Finding[] {
  return [{ code, severity, sentence, remedy }]
}
