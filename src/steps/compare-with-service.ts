import {
  parseDigest,
  parseImageReference,
  sameRepository,
  type Digest,
  type ImageReference
} from '../decide/image/reference.ts'
import { compareImages } from '../decide/pin/comparison.ts'
import type { TaskSnapshot } from '../decide/service/snapshot.ts'
import type { Emit } from '../event.ts'
import type { ServiceTarget } from '../inputs/service.ts'
import type { World } from '../world.ts'
import { observeService } from './observe-service.ts'
import { placeOf, readNamed, type PinnableFile } from './pin-files.ts'

/** An image that a container of a running task was started from. */
interface RunningImage {
  readonly image: ImageReference
  readonly digest: Digest
}

/** One may be the index of all platforms and the other that of one. */
const NOT_COMPARED =
  'they could not be compared, because the registry did not show what they are; let this job read it (docker/login-action)'

/** A sentence for each image of the files that a service runs in another version; one that cannot be compared is warned of. */
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
      const place = `${placeOf(file.path, named.site)} names ${named.reference}, and ${service.name} runs`
      const { others, unclear } = await compareAll(world, reference, digests)
      if (others.length > 0) sentences.push(`${place} ${others.join(' and ')}`)
      if (unclear.length > 0) emit({ kind: 'warning', text: `${place} ${unclear.join(' and ')}: ${NOT_COMPARED}` })
    }
  }
  if (compared === 0) emit({ kind: 'warning', text: `no file names an image that ${service.name} runs` })
  return sentences
}

/** The digests of running tasks that are not the image's, and those of which nobody can tell. */
async function compareAll(
  world: World,
  image: ImageReference,
  digests: ReadonlySet<Digest>
): Promise<{ readonly others: readonly string[]; readonly unclear: readonly string[] }> {
  const named = await readNamed(world, image)
  const [others, unclear]: [string[], string[]] = [[], []]
  for (const digest of digests) {
    const running = { registry: image.registry, repository: image.repository, digest }
    const found = await compareImages(named, digest, () => readNamed(world, running))
    if (found === 'other') others.push(digest)
    if (found === 'unclear') unclear.push(digest)
  }
  return { others, unclear }
}

function runningImages(tasks: readonly TaskSnapshot[]): readonly RunningImage[] {
  const containers = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').flatMap(task => task.containers)
  return containers.flatMap(({ image, imageDigest }) => {
    if (image === undefined || imageDigest === undefined) return []
    try {
      return [{ image: parseImageReference(image), digest: parseDigest(imageDigest) }]
    } catch {
      // What no file could name either.
      return []
    }
  })
}
