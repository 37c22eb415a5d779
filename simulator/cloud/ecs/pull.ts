import type { ImageResolution, Platform } from '../images.ts'
import type { Engine } from './engine.ts'
import { objectOf, textOf } from './json.ts'
import type { Container, Task, TaskDefinition } from './model.ts'

/** What came of pulling the images of a task. */
export type Pull =
  { readonly kind: 'pulled' } | { readonly kind: 'failed'; readonly container: Container; readonly reason: string }

const RETRIED = 'CannotPullContainerError: pull image manifest has been retried 7 time(s):'

/** An address that nobody answers at (RFC 5737). */
const SILENT_ADDRESS = '192.0.2.10:443'

/**
 * Resolves the images of a task. The first task of a deployment decides which digest a tag means, and every later one
 * asks for that digest, unless the container opted out of version consistency.
 */
export function pullImages(engine: Engine, task: Task): Pull {
  const platform = platformOf(task.taskDefinition)
  for (const container of task.containers) {
    const { image, pinsVersion, name } = container.definition
    const pinned = task.deployment?.revision.containerImages.find(entry => entry.containerName === name)
    const digest = pinsVersion ? pinned?.imageDigest : undefined
    const wanted = digest === undefined ? image : `${splitReference(image).name}@${digest}`
    const resolution = engine.images.resolve(wanted, platform)
    if (resolution.kind !== 'resolved') {
      const shown = digest === undefined ? image : `${image.split('@')[0] ?? image}@${digest}`
      return { kind: 'failed', container, reason: pullFailure(resolution, shown, platform) }
    }
    const { image: found } = resolution
    container.imageDigest = engine.imageDigest === 'index' ? found.digest : found.platformDigest
    container.behaviour = found.behaviour
    if (pinned !== undefined && pinsVersion) pinned.imageDigest = found.digest
  }
  return { kind: 'pulled' }
}

/** The platform a task definition asks for. */
export function platformOf(definition: TaskDefinition): Platform {
  const wanted = objectOf(definition.document.runtimePlatform)
  const system = textOf(wanted.operatingSystemFamily) ?? 'LINUX'
  return {
    os: system.startsWith('WINDOWS') ? 'windows' : 'linux',
    architecture: textOf(wanted.cpuArchitecture) === 'ARM64' ? 'arm64' : 'amd64'
  }
}

function pullFailure(
  resolution: Exclude<ImageResolution, { kind: 'resolved' }>,
  image: string,
  platform: Platform
): string {
  const reference = fullReference(image)
  switch (resolution.kind) {
    case 'not-found':
      return `${RETRIED} failed to resolve ref ${reference}: not found`
    case 'no-platform': {
      const wanted = `${platform.os}/${platform.architecture}`
      return `${RETRIED} image Manifest does not contain descriptor matching platform '${wanted}'`
    }
    case 'unreachable': {
      const { name, version } = splitReference(reference)
      const slash = name.indexOf('/')
      const url = `https://${name.slice(0, slash)}/v2/${name.slice(slash + 1)}/manifests/${version}`
      return `${RETRIED} failed to resolve ref ${reference}: failed to do request: Head "${url}": dial tcp ${SILENT_ADDRESS}: i/o timeout`
    }
  }
}

/** The host and path of a reference, and its digest or tag. */
function splitReference(reference: string): { readonly name: string; readonly version: string } {
  const [tagged = reference, digest] = reference.split('@')
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1)
  const name = colon < 0 ? tagged : tagged.slice(0, colon)
  const tag = colon < 0 ? 'latest' : tagged.slice(colon + 1)
  return { name, version: digest ?? tag }
}

/** A name without a host is Docker Hub's. */
function fullReference(image: string): string {
  const slash = image.indexOf('/')
  const first = image.slice(0, Math.max(0, slash))
  if (/[.:]/.test(first) || first === 'localhost') return image
  return slash < 0 ? `docker.io/library/${image}` : `docker.io/${image}`
}
