import { parseImageReference, sameRepository, type ImageReference } from '../decide/image/reference.ts'
import type { TaskSnapshot } from '../decide/service/snapshot.ts'
import type { Emit } from '../event.ts'
import type { ServiceTarget } from '../inputs/service.ts'
import type { World } from '../world.ts'
import { observeService } from './observe-service.ts'
import { digestsOf, placeOf, type PinnableFile } from './pin-files.ts'

/** An image that a container of a running task was started from. */
interface RunningImage {
  readonly image: ImageReference
  readonly digest: string
}

/** A sentence for each image of the files that a service runs in another version; other images are not compared. */
export async function compareWithService(
  world: World,
  { cluster, name }: ServiceTarget,
  files: readonly PinnableFile[],
  emit: Emit
): Promise<readonly string[]> {
  const ecs = await world.ecs()
  const service = await observeService(ecs, world.region, cluster, name)
  const running = runningImages(await ecs.runningTasks(cluster, service.name))
  if (running.length === 0) {
    emit({ kind: 'warning', text: `${service.name} runs no task, so there is nothing to compare the files with` })
    return []
  }
  const sentences: string[] = []
  let compared = 0
  for (const { file, content } of files) {
    for (const named of content.images) {
      const reference = parseImageReference(named.reference)
      const digests = new Set(
        running.filter(({ image }) => sameRepository(image, reference)).map(({ digest }) => digest)
      )
      if (digests.size === 0) continue
      compared += 1
      const own = await digestsOf(world, named)
      const others = [...digests].filter(digest => !own.includes(digest))
      if (others.length === 0) continue
      sentences.push(
        `${placeOf(file.path, named.site)} names ${named.reference}, and ${service.name} runs ${others.join(' and ')}`
      )
    }
  }
  if (compared === 0) emit({ kind: 'warning', text: `no file names an image that ${service.name} runs` })
  return sentences
}

function runningImages(tasks: readonly TaskSnapshot[]): readonly RunningImage[] {
  const containers = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').flatMap(task => task.containers)
  return containers.flatMap(({ image, imageDigest }) => {
    if (image === undefined || imageDigest === undefined) return []
    try {
      return [{ image: parseImageReference(image), digest: imageDigest }]
    } catch {
      // What no file could name either.
      return []
    }
  })
}
