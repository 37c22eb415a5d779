import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BEHAVIOUR_LABEL } from '../cloud/ecr/config.ts'
import type { AssembledImage } from '../cloud/ecr/assemble.ts'
import { digestOf } from '../cloud/ecr/digest.ts'
import { OCI_MANIFEST, type Descriptor } from '../cloud/ecr/manifest.ts'
import type { Commit } from './commits.ts'

const run = promisify(execFile)

/** An engine that does not answer by then is not waited for. */
const PROBE_MS = 2_000
/** Longer than it takes to fetch the base image over a fair line, and short enough for the demo's minute. */
const BUILD_MS = 25_000

/** Whether a Docker engine answers at once and buildx is there to build with. */
export async function hasDocker(): Promise<boolean> {
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: PROBE_MS })
    await run('docker', ['buildx', 'version'], { timeout: PROBE_MS })
    return true
  } catch {
    return false
  }
}

/**
 * Builds a commit with Docker and takes the image out of the engine, which need not reach this machine's ports (it runs
 * in a virtual machine on many). Rejects when the build fails or takes too long; leaves nothing behind but the cache.
 */
export async function buildWithDocker(commit: Commit, signal: AbortSignal): Promise<AssembledImage> {
  const directory = await mkdtemp(join(tmpdir(), 'ecs-deploy-demo-build-'))
  const name = `ecs-deploy-demo:${commit.sha}`
  const options = { timeout: BUILD_MS, signal }
  try {
    const context = join(directory, 'context')
    await mkdir(context)
    for (const [path, text] of Object.entries(commit.files)) await writeFile(join(context, path), text)
    // The platform of the tasks, whatever this machine's is; one manifest, as ECS pulls it.
    const kind = ['--platform', 'linux/amd64', '--provenance', 'false', '--sbom', 'false', '--load', '--tag', name]
    await run('docker', ['buildx', 'build', ...kind, ...labels(commit), context], options)
    const archive = join(directory, 'image.tar')
    await run('docker', ['image', 'save', '--output', archive, name], options)
    const unpacked = join(directory, 'image')
    await mkdir(unpacked)
    await run('tar', ['-xf', archive, '-C', unpacked], options)
    return await readSavedImage(unpacked)
  } finally {
    await run('docker', ['image', 'rm', name], { timeout: PROBE_MS }).catch(() => undefined)
    await rm(directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

function labels({ sha, behaviour }: Commit): readonly string[] {
  const revision = ['--label', `org.opencontainers.image.revision=${sha}`]
  return behaviour === undefined
    ? revision
    : [...revision, '--label', `${BEHAVIOUR_LABEL}=${JSON.stringify(behaviour)}`]
}

/** Reads what `docker save` wrote: a config and layers, which a manifest of our own puts together. */
async function readSavedImage(directory: string): Promise<AssembledImage> {
  const [saved] = JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')) as readonly {
    readonly Config: string
    readonly Layers: readonly string[]
  }[]
  if (saved === undefined) throw new Error('docker saved no image')
  const config = await readFile(join(directory, saved.Config))
  const layers = await Promise.all(saved.Layers.map(path => readFile(join(directory, path))))
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: describe(config, 'application/vnd.oci.image.config.v1+json'),
      layers: layers.map(layer => describe(layer, `application/vnd.oci.image.layer.v1.tar${isZipped(layer)}`))
    })
  )
  const blobs = [config, ...layers]
  return { digest: digestOf(manifest), mediaType: OCI_MANIFEST, manifest, blobs, children: [] }
}

function describe(blob: Buffer, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(blob), size: blob.length }
}

/** Engines save layers as they keep them: zipped or not. */
function isZipped(layer: Buffer): '+gzip' | '' {
  return layer[0] === 0x1f && layer[1] === 0x8b ? '+gzip' : ''
}
