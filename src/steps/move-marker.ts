import type { Emit } from '../event.ts'
import { AwsFailure, Failure, LostAnswer } from '../failure.ts'
import type { RunImage } from './find-image.ts'
import { lookAfter } from './look-after.ts'

/**
 * Points the marker at an image that was proven to run; left alone when it is there already. Fails with `marker-tag`
 * when somebody else moved it at the same time.
 */
export async function moveMarker(image: RunImage, marker: string, emit: Emit): Promise<void> {
  const { ecr, repository, stored } = image
  if (await isOnImage()) return
  const isElsewhere = async (): Promise<boolean> => !(await isOnImage())
  // What went wrong matters only if the marker is not there afterwards.
  const outcome = await ecr.putImage(repository.name, stored, marker, isElsewhere).catch((error: unknown) => {
    if (error instanceof LostAnswer || !(error instanceof Failure)) throw error
    return error
  })
  if (await (outcome instanceof AwsFailure ? lookAfter(outcome, isOnImage) : isOnImage())) {
    emit({ kind: 'tag-put', repository: repository.name, tag: marker })
    return
  }
  if (outcome instanceof Failure) {
    // Seen not to be there, whatever the call that failed may have done.
    const { code, message, remedy } = outcome
    throw new Failure(code, message, { ...(remedy !== undefined && { remedy }), cause: outcome })
  }
  const why = outcome.kind === 'tag-exists' ? 'ECR does not let it move' : 'somebody else moved it at the same time'
  throw new Failure('marker-tag', `the marker ${repository.name}:${marker} is not on ${stored.digest}: ${why}`, {
    remedy: 'let deployments of one environment run one after the other (concurrency), and run this job again'
  })

  async function isOnImage(): Promise<boolean> {
    const [found] = await ecr.findImages(repository.name, [{ tag: marker }])
    return found?.kind === 'there' && found.stored.digest === stored.digest
  }
}
