import { compareOrigin, ownRevision, type FoundByCommit } from '../decide/image/conflict.ts'
import { parseDigest } from '../decide/image/reference.ts'
import { commitInTag, endsInCommit } from '../decide/image/tags.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { RunImage } from './find-image.ts'

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
      emit({ kind: 'note', text: believed(comparison.from) })
      return
    case 'conflict':
      throw new Failure('tag-conflict', comparison.sentence, { remedy: comparison.remedy })
  }
}

/**
 * Why an image that was named does not belong to a commit, as far as its label or its tag tells. Labels of another
 * repository than `source` may be those of a base image, or the image is one of that repository: its tag decides.
 */
export async function builtFromAnother(
  image: RunImage,
  { sha, source }: { sha: string; source: string | undefined },
  emit: Emit
): Promise<string | undefined> {
  const stated = await image.config().catch((error: unknown) => asFailure(error))
  if (stated instanceof Failure && image.foundBy === undefined)
    return `its revision label could not be read: ${stated.message}`
  if (stated !== undefined && !(stated instanceof Failure) && stated.revision !== undefined) {
    const { revision } = stated
    if (revision === sha) return undefined
    if (ownRevision(stated, source) === undefined && endsInCommit(image.foundBy ?? '', sha)) {
      emit({ kind: 'note', text: believed(stated.source ?? '') })
      return undefined
    }
    return `its revision label says commit ${revision.slice(0, 12)}`
  }
  const digits = commitInTag(image.foundBy ?? '')
  if (digits === undefined || sha.startsWith(digits)) return undefined
  return `its tag ${image.foundBy ?? ''} names commit ${digits}`
}

function believed(from: string): string {
  return `its labels are those of a base image from ${from}, so its tag is believed`
}

function asFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('aws-error', String(error))
}
