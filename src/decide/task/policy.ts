import { containersOf } from './document.ts'
import type { TaskDefinitionDocument } from './document.ts'
import { splitImage } from './image.ts'
import { textAt } from '../json.ts'

/** A container whose image can change without its task definition changing. */
export interface MutableImage {
  readonly container: string
  readonly image: string
  readonly reason: 'latest' | 'no-tag' | 'tag-can-move'
}

/**
 * Finds the containers that use `latest`, no tag, or a tag that `isImmutable` says can move; a tag of which it knows
 * nothing (undefined) passes, and so does what `allowed` names, `*` standing for any characters. A digest fixes the image whatever the tag beside it says.
 */
export function findMutableImages(
  document: TaskDefinitionDocument,
  isImmutable: (image: string) => boolean | undefined,
  allowed: readonly string[]
): readonly MutableImage[] {
  const exceptions = allowed.map(toPattern)
  const found: MutableImage[] = []
  for (const container of containersOf(document)) {
    const image = textAt(container, 'image') ?? ''
    // ECS refuses a container without an image; that is no question of policy.
    if (image === '') continue
    const reason = mutability(image, isImmutable)
    const { repository } = splitImage(image)
    const isAllowed = exceptions.some(pattern => pattern.test(image) || pattern.test(repository))
    if (reason !== undefined && !isAllowed) found.push({ container: textAt(container, 'name') ?? '', image, reason })
  }
  return found
}

function mutability(
  image: string,
  isImmutable: (image: string) => boolean | undefined
): MutableImage['reason'] | undefined {
  const { tag, digest } = splitImage(image)
  if (digest !== undefined) return undefined
  if (tag === undefined) return 'no-tag'
  if (tag === 'latest') return 'latest'
  return isImmutable(image) === false ? 'tag-can-move' : undefined
}

function toPattern(exception: string): RegExp {
  const parts = exception.split(/\*+/).map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}
