import { createHash } from 'node:crypto'
import { assembleImage } from '../../simulator/cloud/ecr/assemble.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { explainBuildFailure } from '../../src/decide/image/build-failure.ts'
import { parseDigest } from '../../src/decide/image/reference.ts'
import type { BuildOrder, Docker } from '../../src/io/docker.ts'

/** An engine without an engine: it pushes one file and the labels, by digest or under a tag drawn at random. */
export interface VirtualDocker extends Docker {
  readonly orders: readonly BuildOrder[]
}

/** What the image holds, and how the engine pushes it. */
export interface VirtualBuild {
  readonly content?: string
  readonly temporaryTag?: string
  /** Told the digest before the push. */
  readonly onAssembled?: (digest: string) => void
  /** Called between the build and the push. */
  readonly meanwhile?: () => void
}

/** A Docker that pushes to the simulator's registry, with the credentials it was given, and fails as docker does. */
export function virtualDocker(simulator: Pick<Simulator, 'handle'>, build: VirtualBuild = {}): VirtualDocker {
  const orders: BuildOrder[] = []
  return {
    orders,
    async buildAndPush(order, signal) {
      orders.push(order)
      signal.throwIfAborted()
      const labels = Object.fromEntries(
        order.labels.map(label => label.split(/=(.*)/s).slice(0, 2) as [string, string])
      )
      const image = assembleImage({ files: [{ path: 'app', content: build.content ?? 'app' }], labels })
      build.onAssembled?.(image.digest)
      build.meanwhile?.()
      const { username, password } = order.login
      const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
      const name = order.repositoryUri.slice(order.repositoryUri.indexOf('/') + 1)
      for (const blob of image.blobs) {
        const digest = parseDigest(`sha256:${createHash('sha256').update(blob).digest('hex')}`)
        await push(simulator, `/v2/${name}/blobs/uploads/`, { digest }, 'POST', headers, blob)
        signal.throwIfAborted()
      }
      const type = { ...headers, 'content-type': image.mediaType }
      const reference = build.temporaryTag ?? image.digest
      await push(simulator, `/v2/${name}/manifests/${reference}`, {}, 'PUT', type, image.manifest)
      signal.throwIfAborted()
      return { digest: parseDigest(image.digest), mediaType: image.mediaType, temporaryTag: build.temporaryTag }
    }
  }
}

async function push(
  simulator: Pick<Simulator, 'handle'>,
  path: string,
  query: Readonly<Record<string, string>>,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array
): Promise<void> {
  const request = { method, path, query: new URLSearchParams(query), headers, body: once(body) }
  const answer = await simulator.handle(request).catch((error: unknown) => String(error))
  if (typeof answer !== 'string' && answer.status === 201) return
  const why =
    typeof answer === 'string'
      ? `: ${answer}`
      : `: ${String(answer.status)} ${answer.status === 403 ? 'Forbidden' : ''}`
  throw explainBuildFailure([`ERROR: failed to push: unexpected status from ${method} request to ${path}${why}`])
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}
