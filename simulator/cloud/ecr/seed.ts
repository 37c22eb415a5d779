import type { Behaviour, Platform } from '../images.ts'
import type { WorldImage, WorldRepository } from '../world.ts'
import { assembleImage, type AssembledImage } from './assemble.ts'
import type { BlobStore } from './blobs.ts'
import { readConfig } from './config.ts'
import { readManifest } from './manifest.ts'
import { tagPolicy } from './mutability.ts'
import { Repository, type Image } from './repository.ts'

const MS_PER_DAY = 24 * 60 * 60 * 1000

/** A repository as a world describes it, filled with real images. `at` is when they were pushed, epoch milliseconds. */
export function seedRepository(world: WorldRepository, blobs: BlobStore, account: string, at: number): Repository {
  const exclusions = (world.exclusionFilters ?? []).map(filter =>
    typeof filter === 'string' ? { filterType: 'WILDCARD' as const, filter } : filter
  )
  const policy = tagPolicy(world.imageTagMutability ?? 'MUTABLE', exclusions)
  const repository = new Repository({
    name: world.name,
    registryId: account,
    createdAt: at,
    policy,
    ...(world.scanOnPush !== undefined && { scanOnPush: world.scanOnPush }),
    ...(world.lifecyclePolicy && { lifecyclePolicy: JSON.stringify(world.lifecyclePolicy) })
  })
  for (const image of world.images ?? []) seedImage(repository, image, blobs, at)
  return repository
}

function seedImage(repository: Repository, world: WorldImage, blobs: BlobStore, at: number): void {
  const behaviour = world.behaviour ?? 'healthy'
  const image = assembleImage({
    files: [{ path: 'image.json', content: identity(repository.name, world, behaviour) }],
    platforms: (world.platforms ?? ['linux/amd64']).map(parsePlatform),
    ...(world.labels && { labels: world.labels })
  })
  for (const tag of world.tags) {
    const taken = repository.find({ imageTag: tag })
    if (taken !== undefined) throw new Error(`repository ${repository.name} has the tag ${tag} twice`)
  }
  const pushedAt = at - (world.pushedDaysAgo ?? 0) * MS_PER_DAY
  const scan = { findings: world.findings ?? [], result: world.scanResult ?? 'COMPLETE' }
  const traits = { behaviour, pushedAt, scan }
  for (const child of image.children) store(repository, child, traits, blobs, [undefined])
  store(repository, image, traits, blobs, world.tags.length > 0 ? world.tags : [undefined])
}

/** What the one file of a seeded image says, so that images that differ in anything have different digests. */
function identity(repository: string, world: WorldImage, behaviour: Behaviour): string {
  return JSON.stringify({ repository, tags: world.tags, platforms: world.platforms ?? [], behaviour })
}

function store(
  repository: Repository,
  assembled: AssembledImage,
  traits: Pick<Image, 'behaviour' | 'pushedAt' | 'scan'>,
  blobs: BlobStore,
  tags: readonly (string | undefined)[]
): void {
  for (const blob of assembled.blobs) repository.layers.add(blobs.put(blob))
  const text = assembled.manifest.toString('utf8')
  const manifest = readManifest(text, assembled.mediaType)
  const [config] = assembled.blobs
  const platform = config === undefined ? undefined : readConfig(config).platform
  const image = { digest: assembled.digest, text, manifest, status: 'ACTIVE' as const, ...traits }
  for (const tag of tags) repository.put({ ...image, ...(platform && { platform }) }, tag)
}

function parsePlatform(text: string): Platform {
  const [os, architecture, ...rest] = text.split('/')
  if (!os || !architecture || rest.length > 0) {
    throw new Error(`'${text}' is no platform: write it like linux/amd64`)
  }
  return { os, architecture }
}
