import { createHash } from 'node:crypto'
import { LARGEST_MANIFEST_BYTES, readContents, type Descriptor } from '../../decide/image/contents.ts'
import { MANIFEST_MEDIA_TYPES, readMediaType } from '../../decide/image/manifest.ts'
import { isDigest, type Digest } from '../../decide/image/reference.ts'
import { Failure } from '../../failure.ts'
import type { Clock } from '../clock.ts'
import type { FindCredentials } from './credentials.ts'
import { readBlob } from './download.ts'
import { createTransport, type HttpAnswer, type Transport } from './http.ts'
import { PartBuffers } from './parts.ts'
import { rereadGarbled } from './retry.ts'
import { Continuation } from './send-part.ts'
import { openSession, type Order, type Session } from './session.ts'
import { hasBlob, PART_BYTES, uploadBlob } from './upload.ts'

/** A manifest, byte for byte: `text` is what its digest is of. */
export interface RemoteManifest {
  readonly digest: Digest
  readonly text: string
  readonly mediaType: string | undefined
}

/** How a blob came to be where it was wanted. */
export type BlobCopy = 'there' | 'mounted' | 'sent'

/** A repository in any OCI registry; every method fails with a sentence about what the registry said. */
export interface RemoteRepository {
  /** Host, or `docker.io`. */
  readonly registry: string
  readonly name: string
  /** The digest that a tag or digest stands for, without reading it: Docker Hub counts no pull. Undefined: not there. */
  findDigest(reference: string): Promise<Digest | undefined>
  /** Reads a manifest by tag or digest, and compares its digest; undefined when it is not there. */
  readManifest(reference: string): Promise<RemoteManifest | undefined>
  /** Stores a manifest by its digest, without a tag. */
  putManifest(manifest: RemoteManifest): Promise<void>
  /** Copies a blob from another repository unless it is there; `onBytes` hears how many bytes arrived. */
  copyBlob(from: RemoteRepository, blob: Descriptor, onBytes: (bytes: number) => void): Promise<BlobCopy>
  /** The bytes of a blob; an error before the end means that they are worth nothing. */
  readBlob(blob: Descriptor): AsyncIterable<Uint8Array>
  /** All the bytes of a small blob. */
  readWhole(blob: Descriptor): Promise<Buffer>
  /** What was attached to a manifest: signatures, attestations, software bills. */
  referrers(digest: Digest): Promise<readonly Descriptor[]>
}

/** Which repository, and as whom. */
export interface RepositoryOrder {
  readonly registry: string
  readonly repository: string
  /** In place of what Docker's configuration has for the registry. */
  readonly login?: { readonly username: string; readonly password: string } | undefined
  readonly signal: AbortSignal
  /** How often something is tried in all, when that is less than usual. */
  readonly attempts?: number
  /** How long a connection may be silent, in milliseconds, when that is less than usual. */
  readonly silenceMs?: number
  /** The longest pause that the registry may ask for, in milliseconds, when that is less than usual. */
  readonly longestPauseMs?: number
}

/** Repositories of OCI registries, by name. */
export interface RegistryPort {
  /** Nothing is sent yet. */
  open(order: RepositoryOrder): RemoteRepository
}

/** What all repositories share. */
export interface RegistryOptions {
  readonly clock: Clock
  readonly findCredentials: FindCredentials
  /** Told of every password and token that is found. */
  readonly onSecret?: (secret: string) => void
  readonly onRetry?: (operation: string, reason: string, pauseMs: number) => void
  /** How long a connection may be silent, in milliseconds. */
  readonly silenceMs?: number
  /** How often something is tried in all. */
  readonly attempts?: number
  /** Another way to carry requests than Node's own sockets. */
  readonly transport?: Transport
}

/** Outlasts a hiccup of half a minute. */
const ATTEMPTS = 6
const SILENCE_MS = 60_000

/** The RegistryPort over Node's own sockets, https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
export function createRegistry(options: RegistryOptions): RegistryPort {
  return {
    open({ registry, repository, login, signal, attempts, silenceMs, longestPauseMs }) {
      const session = openSession({
        registry,
        transport: options.transport ?? createTransport(),
        credentials: async () =>
          login === undefined ? options.findCredentials(registry, signal) : { kind: 'login', ...login },
        onSecret: options.onSecret,
        clock: options.clock,
        signal,
        attempts: attempts ?? options.attempts ?? ATTEMPTS,
        longestPauseMs,
        silenceMs: silenceMs ?? options.silenceMs ?? SILENCE_MS,
        onRetry: options.onRetry
      })
      return repositoryOf(session, repository)
    }
  }
}

function repositoryOf(session: Session, name: string): RemoteRepository {
  const { registry } = session
  const buffers = new PartBuffers(PART_BYTES)
  const continuation = new Continuation()
  return {
    registry,
    name,

    findDigest: reference => findDigest(session, name, reference),

    readManifest: reference => fetchManifest(session, name, reference),

    async putManifest({ digest, text, mediaType }) {
      const answer = await session.read({
        method: 'PUT',
        url: `/v2/${name}/manifests/${digest}`,
        what: `the manifest ${digest} of ${name}`,
        scope: `repository:${name}:pull,push`,
        expects: [201],
        headers: mediaType === undefined ? {} : { 'content-type': mediaType },
        body: Buffer.from(text)
      })
      refuseOther(session, `the manifest ${digest} of ${name}`, digest, digestHeader(answer.headers) ?? digest)
    },

    async copyBlob(from, blob, onBytes) {
      if (await hasBlob(session, name, blob)) return 'there'
      const mountFrom = from.registry === registry && from.name !== name ? from.name : undefined
      const read = (): AsyncIterable<Uint8Array> => from.readBlob(blob)
      const order = { repository: name, blob, mountFrom, buffers, continuation, read, onBytes }
      return rereadGarbled(session, `the copy of the blob ${blob.digest}`, () => uploadBlob(session, order))
    },

    readBlob: blob => readBlob(session, name, blob),

    readWhole: blob =>
      rereadGarbled(session, `the download of the blob ${blob.digest} of ${name}`, async () => {
        const chunks: Uint8Array[] = []
        for await (const chunk of readBlob(session, name, blob)) chunks.push(chunk)
        return Buffer.concat(chunks)
      }),

    async referrers(digest) {
      const order: Order = {
        method: 'GET',
        url: `/v2/${name}/referrers/${digest}`,
        what: `the referrers of ${digest} in ${name}`,
        scope: `repository:${name}:pull`,
        expects: [200, 400, 404, 405]
      }
      const { status, body } = await session.read(order, LARGEST_MANIFEST_BYTES)
      if (status === 200 && body !== undefined) return readList(session, body.toString('utf8'), digest)
      // Before there was an API for it, clients kept the list under a tag, and many still do.
      const tag = digest.replace(':', '-')
      const list = (await findDigest(session, name, tag)) && (await fetchManifest(session, name, tag))
      return list === undefined ? [] : readList(session, list.text, digest)
    }
  }
}

/** What a list of referrers names; the image that they are attached to has nothing to do with what is wrong with it. */
function readList({ registry }: Session, text: string, digest: Digest): readonly Descriptor[] {
  try {
    return readContents(text, digest).children
  } catch (cause) {
    throw new Failure(
      'registry-error',
      `${registry} lists what is attached to ${digest} in a form that cannot be read`,
      {
        remedy: 'ask whoever runs the registry, if you need signatures or attestations from it',
        cause
      }
    )
  }
}

function manifestOrder(name: string, reference: string, method: 'GET' | 'HEAD'): Order {
  return {
    method,
    url: `/v2/${name}/manifests/${reference}`,
    what: `the manifest ${reference} of ${name}`,
    scope: `repository:${name}:pull`,
    expects: method === 'HEAD' ? [200, 404, 405, 501] : [200, 404],
    headers: { accept: MANIFEST_MEDIA_TYPES.join(', ') }
  }
}

async function findDigest(session: Session, name: string, reference: string): Promise<Digest | undefined> {
  const answer = await session.read(manifestOrder(name, reference, 'HEAD'))
  if (answer.status === 404) return undefined
  // Some registries leave the header out, or know no HEAD at all.
  const found = answer.status === 200 ? digestHeader(answer.headers) : undefined
  return found ?? (await fetchManifest(session, name, reference))?.digest
}

function fetchManifest(session: Session, name: string, reference: string): Promise<RemoteManifest | undefined> {
  const order = manifestOrder(name, reference, 'GET')
  return rereadGarbled(session, `GET ${order.what}`, () => fetchManifestOnce(session, order, reference))
}

async function fetchManifestOnce(
  session: Session,
  order: Order,
  reference: string
): Promise<RemoteManifest | undefined> {
  const { status, headers, body } = await session.read(order, LARGEST_MANIFEST_BYTES)
  if (status === 404) return undefined
  if (body === undefined) throw new Failure('registry-error', `${order.what} is larger than the 4 MiB that ECR takes`)
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}` as Digest
  refuseOther(session, order.what, isDigest(reference) ? reference : (digestHeader(headers) ?? digest), digest)
  const text = decode(body, order.what)
  return { digest, text, mediaType: readMediaType(text, headers['content-type']?.split(';')[0]?.trim()) }
}

/** A text that, encoded again, is the same bytes. */
function decode(body: Buffer, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch (cause) {
    throw new Failure('registry-error', `${what} is not UTF-8`, { cause })
  }
}

function digestHeader(headers: HttpAnswer['headers']): Digest | undefined {
  const value = headers['docker-content-digest']
  return typeof value === 'string' && isDigest(value) ? value : undefined
}

function refuseOther({ registry }: Session, what: string, wanted: string, found: string): void {
  if (wanted === found) return
  throw new Failure(
    'digest-mismatch',
    `${registry} has other bytes for ${what}: they should be ${wanted} and are ${found}`,
    {
      remedy: 'do not use this image before whoever runs the registry has an explanation'
    }
  )
}
