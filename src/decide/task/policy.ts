import { containersOf } from './document.ts'
import type { TaskDefinitionDocument } from './document.ts'
import { splitImage } from './image.ts'
import { textAt } from '../json.ts'

/** A container whose image can change without its task definition changing, or that names none that could be pulled. */
export interface MutableImage {
  readonly container: string
  readonly image: string
  /** `no-digest`: what follows the `@` is none, or not a whole one; `login`: what stands before it is a user. */
  readonly reason: 'latest' | 'no-tag' | 'tag-can-move' | 'no-digest' | 'login'
}

/** The digests that registries know, https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
const WHOLE_DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/**
 * Finds the containers that use `latest`, no tag, or a tag that `isImmutable` says can move; a tag of which it knows
 * nothing (undefined) passes, and so does what `allowed` names, `*` standing for any characters. A whole digest fixes the
 * image whatever the tag beside it says.
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
  if (digest !== undefined && WHOLE_DIGEST.test(digest)) return undefined
  // No digest has a slash: that `@` ends a user and a password.
  if (digest !== undefined) return digest.includes('/') ? 'login' : 'no-digest'
  if (tag === undefined) return 'no-tag'
  if (tag === 'latest') return 'latest'
  return isImmutable(image) === false ? 'tag-can-move' : undefined
}

function toPattern(exception: string): RegExp {
  const parts = exception.split(/\*+/).map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}
