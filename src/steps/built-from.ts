import { compareOrigin, type FoundByCommit } from '../decide/image/conflict.ts'
import { parseDigest } from '../decide/image/reference.ts'
import { commitInTag } from '../decide/image/tags.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import { readRevisionLabel, type RunImage } from './find-image.ts'

/**
 * Fails with `tag-conflict` when the image that was found by a commit's tag says that it was built from another. One that
 * says nothing, or whose config cannot be read, is taken by its tag.
 */
export async function requireOrigin(
  image: RunImage,
  by: Pick<FoundByCommit, 'tag' | 'commit' | 'source'>,
  emit: Emit
): Promise<void> {
  const stated = await image.config().catch(() => undefined)
  if (stated === undefined) return
  const { repository, stored } = image
  const found = { ...by, repository: repository.name, digest: parseDigest(stored.digest) }
  const comparison = compareOrigin(stated, found)
  switch (comparison.kind) {
    case 'same':
      return
    case 'inherited':
      emit({
        kind: 'note',
        text: `its labels are those of a base image from ${comparison.from}, so its tag is believed`
      })
      return
    case 'conflict':
      throw new Failure('tag-conflict', comparison.sentence, { remedy: comparison.remedy })
  }
}

/** Why an image that was named does not belong to a commit, as far as its label or its tag tells. */
export async function builtFromAnother(image: RunImage, sha: string): Promise<string | undefined> {
  const label = await readRevisionLabel(image).catch((error: unknown) => asFailure(error))
  if (label instanceof Failure && image.foundBy === undefined)
    return `its revision label could not be read: ${label.message}`
  if (typeof label === 'string')
    return label === sha ? undefined : `its revision label says commit ${label.slice(0, 12)}`
  const digits = commitInTag(image.foundBy ?? '')
  if (digits === undefined || sha.startsWith(digits)) return undefined
  return `its tag ${image.foundBy ?? ''} names commit ${digits}`
}

function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('aws-error', String(error))
}
