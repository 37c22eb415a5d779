import type { Behaviour, Platform } from '../images.ts'
import type { WorldImage, WorldRepository } from '../world.ts'
import { assembleImage, type AssembledImage } from './assemble.ts'
import type { BlobStore } from './blobs.ts'
import { readConfig } from './config.ts'
import { readManifest } from './manifest.ts'
import { tagPolicy } from './mutability.ts'
import { Repository } from './repository.ts'

/** A repository as a world describes it, filled with real images. `at` is when they were pushed, epoch milliseconds. */
export function seedRepository(world: WorldRepository, blobs: BlobStore, account: string, at: number): Repository {
  const exclusions = (world.exclusionFilters ?? []).map(filter =>
    typeof filter === 'string' ? { filterType: 'WILDCARD' as const, filter } : filter
  )
  const policy = tagPolicy(world.imageTagMutability ?? 'MUTABLE', exclusions)
  const repository = new Repository({ name: world.name, registryId: account, createdAt: at, policy })
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
  for (const child of image.children) store(repository, child, behaviour, blobs, at, [undefined])
  store(repository, image, behaviour, blobs, at, world.tags.length > 0 ? world.tags : [undefined])
}

/** What the one file of a seeded image says, so that images that differ in anything have different digests. */
function identity(repository: string, world: WorldImage, behaviour: Behaviour): string {
  return JSON.stringify({ repository, tags: world.tags, platforms: world.platforms ?? [], behaviour })
}

function store(
  repository: Repository,
  assembled: AssembledImage,
  behaviour: Behaviour,
  blobs: BlobStore,
  at: number,
  tags: readonly (string | undefined)[]
): void {
  for (const blob of assembled.blobs) repository.layers.add(blobs.put(blob))
  const text = assembled.manifest.toString('utf8')
  const manifest = readManifest(text, assembled.mediaType)
  const [config] = assembled.blobs
  const platform = config === undefined ? undefined : readConfig(config).platform
  const image = { digest: assembled.digest, text, manifest, pushedAt: at, behaviour, status: 'ACTIVE' as const }
  for (const tag of tags) repository.put({ ...image, ...(platform && { platform }) }, tag)
}

function parsePlatform(text: string): Platform {
  const [os, architecture, ...rest] = text.split('/')
  if (!os || !architecture || rest.length > 0) {
    throw new Error(`'${text}' is no platform: write it like linux/amd64`)
  }
  return { os, architecture }
}
