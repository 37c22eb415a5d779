import {
  parseDigest,
  parseImageReference,
  sameRepository,
  type Digest,
  type ImageReference
} from '../decide/image/reference.ts'
import { compareImages } from '../decide/pin/comparison.ts'
import type { ImageSite } from '../decide/pin/site.ts'
import type { TaskSnapshot } from '../decide/service/snapshot.ts'
import { counted } from '../decide/wording.ts'
import type { Emit } from '../event.ts'
import type { ServiceTarget } from '../inputs/service.ts'
import type { World } from '../world.ts'
import { observeService } from './observe-service.ts'
import { placeOf, readNamed, type PinnableFile } from './pin-files.ts'

/** An image that a container of a running task was started from. */
interface RunningImage {
  readonly container: string
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
  let [met, compared] = [0, 0]
  for (const { file, content } of files) {
    for (const named of content.images) {
      const reference = parseImageReference(named.reference)
      const inRepository = running.filter(({ image }) => sameRepository(image, reference))
      if (inRepository.length === 0) continue
      const place = `${placeOf(file.path, named.site)} names ${named.reference}, and ${service.name} runs`
      const { others, unclear } = await compare(world, reference, named.site, inRepository)
      met += 1
      if (others.length > 0 || unclear.length === 0) compared += 1
      if (others.length > 0) sentences.push(`${place} ${others.join(' and ')}`)
      if (unclear.length > 0) emit({ kind: 'warning', text: `${place} ${unclear.join(' and ')}: ${NOT_COMPARED}` })
    }
  }
  const total = counted(files.flatMap(({ content }) => content.sites).length, 'image')
  if (met === 0) emit({ kind: 'warning', text: `no file names an image that ${service.name} runs` })
  else emit({ kind: 'note', text: `${String(compared)} of ${total} compared with what ${service.name} runs` })
  return sentences
}

/**
 * A task may run several versions of one repository, e.g. one to serve and one to migrate: an image is compared with the
 * containers of the names that the file gives it. Where none has such a name, it is enough that one of them runs it.
 */
async function compare(
  world: World,
  reference: ImageReference,
  { users }: ImageSite,
  running: readonly RunningImage[]
): Promise<Comparison> {
  const namesakes = running.filter(({ container }) => users.includes(container))
  const digests = new Set((namesakes.length > 0 ? namesakes : running).map(({ digest }) => digest))
  const found = await compareAll(world, reference, digests)
  const isAmong = found.others.length + found.unclear.length < digests.size
  return namesakes.length === 0 && isAmong ? { others: [], unclear: [] } : found
}

/** Digests of running tasks that are not the image's, and those of which nobody can tell. */
interface Comparison {
  readonly others: readonly string[]
  readonly unclear: readonly string[]
}

async function compareAll(world: World, image: ImageReference, digests: ReadonlySet<Digest>): Promise<Comparison> {
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
  return containers.flatMap(({ name, image, imageDigest }) => {
    if (image === undefined || imageDigest === undefined) return []
    try {
      return [{ container: name, image: parseImageReference(image), digest: parseDigest(imageDigest) }]
    } catch {
      // What no file could name either.
      return []
    }
  })
}
