import type { Emit } from '../event.ts'
import { Failure, withRemedy } from '../failure.ts'
import { lookUpImage, readRevisionLabel, type RunImage } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'

/**
 * The image that an earlier run built from the commit that was now given a git tag: a release is no reason to build.
 * All tags are looked through, a thousand at a time, until one is found. Undefined when there is none, or when nothing
 * tells which one it is. `source` is the URL of this run's repository.
 */
export async function findSibling(
  located: LocatedRepository,
  { sha, shaLength, source }: { sha: string; shaLength: number; source: string | undefined },
  emit: Emit
): Promise<RunImage | undefined> {
  const unlabelled: RunImage[] = []
  for await (const tag of tagsOfCommit(located, sha.slice(0, shaLength), emit)) {
    const image = await lookUpImage(located, { tag })
    if (image?.manifest === undefined) continue
    const label = await readRevisionLabel(image, source).catch(() => undefined)
    if (label === sha) return tellFound(image, emit)
    if (label === undefined) unlabelled.push(image)
  }
  // Without a label the tag is all there is to go by, and it must not name two images: one could be a build cache.
  const [first] = unlabelled
  const isUnambiguous = unlabelled.every(({ stored }) => stored.digest === first?.stored.digest)
  return first !== undefined && isUnambiguous ? tellFound(first, emit) : undefined
}

/** Without the right to list them, the image is built once more or missed, and the log says why. */
async function* tagsOfCommit({ ecr, repository }: LocatedRepository, digits: string, emit: Emit) {
  try {
    for await (const page of ecr.tagPages(repository.name, 'active')) {
      for (const { tag } of page) if (tag.endsWith(`-${digits}`)) yield tag
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    emit({ kind: 'note', text: `an image of the same commit cannot be looked for: ${withRemedy(error)}` })
  }
}

function tellFound(image: RunImage, emit: Emit): RunImage {
  const reference = `${image.repository.uri}:${image.foundBy ?? ''}`
  emit({ kind: 'image-found', reference, digest: image.stored.digest, how: 'built earlier from the same commit' })
  return image
}
