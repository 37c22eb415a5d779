import { tagCanMove } from '../decide/image/immutability.ts'
import { parseRepository } from '../decide/image/reference.ts'
import type { JsonObject } from '../decide/json.ts'
import { containersOf } from '../decide/task/document.ts'
import { splitImage } from '../decide/task/image.ts'
import { textAt } from '../decide/json.ts'
import { findMutableImages, type MutableImage } from '../decide/task/policy.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { EcrRepository } from '../io/aws/ecr.ts'
import type { World } from '../world.ts'
import { parseEcrHost } from '../decide/image/ecr-host.ts'
import { locateRepository } from './locate-repository.ts'

/** What to do about containers whose image can change under their task definition. */
export interface MutableTagPolicy {
  readonly mode: 'error' | 'warn' | 'allow'
  readonly allowed: readonly string[]
}

/**
 * Finds every container of a revision whose image is not fixed: `latest`, no tag, or a tag that its repository lets
 * move. Fails with `mutable-tag` and all of them, or warns. Of tags in registries other than ECR nobody can say.
 */
export async function checkImages(
  world: World,
  document: JsonObject,
  known: readonly EcrRepository[],
  policy: MutableTagPolicy,
  emit: Emit
): Promise<void> {
  if (policy.mode === 'allow') return
  const repositories = await readRepositories(world, document, known)
  const found = findMutableImages(document, image => isFixed(image, repositories), { allowed: policy.allowed })
  if (found.length === 0) return
  const sentence = found.map(describe).join('; ')
  if (policy.mode === 'warn') {
    emit({ kind: 'warning', text: sentence })
    return
  }
  throw new Failure('mutable-tag', sentence, {
    remedy: "name an exact version or digest, list exceptions in 'allowed-images', or set 'mutable-tags' to 'warn'"
  })
}

function isFixed(image: string, repositories: ReadonlyMap<string, EcrRepository>): boolean | undefined {
  const { repository, tag } = splitImage(image)
  const settings = repositories.get(repository)?.immutability
  if (settings === undefined || tag === undefined) return undefined
  const moves = tagCanMove(settings, tag)
  return moves === 'unknown' ? undefined : !moves
}

/** The ECR repositories of the containers that are named by tag, by the URI that the images use. */
async function readRepositories(
  world: World,
  document: JsonObject,
  known: readonly EcrRepository[]
): Promise<ReadonlyMap<string, EcrRepository>> {
  const repositories = new Map(known.map(repository => [repository.uri, repository]))
  const knownHosts = new Set(known.map(({ uri }) => hostOf(uri)))
  for (const container of containersOf(document)) {
    const { repository: uri, digest, tag } = splitImage(textAt(container, 'image') ?? '')
    if (digest !== undefined || tag === undefined || repositories.has(uri)) continue
    const host = hostOf(uri)
    if (parseEcrHost(host) === undefined && !knownHosts.has(host)) continue
    // Best effort: a repository of another account may not be readable from here.
    const located = await locateRepository(world, parseRepository(uri)).catch(() => undefined)
    if (located !== undefined) repositories.set(uri, located.repository)
  }
  return repositories
}

function hostOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.indexOf('/')))
}

function describe({ container, image, reason }: MutableImage): string {
  switch (reason) {
    case 'latest':
      return `container ${container} uses ${image}, a tag that moves`
    case 'no-tag':
      return `container ${container} uses ${image} without a tag, which means latest`
    case 'tag-can-move':
      return `container ${container} uses ${image}, a tag that its repository lets move`
  }
}
