import { assembleImage, type AssembledImage } from '../../../simulator/cloud/ecr/assemble.ts'
import { createEcr, type Ecr } from '../../../simulator/cloud/ecr/ecr.ts'
import { Timeline } from '../../../simulator/cloud/timeline.ts'
import type { World } from '../../../simulator/cloud/world.ts'
import { ecrProtocol } from '../../../simulator/protocol/ecr/ecr.ts'
import type { SimRequest } from '../../../simulator/protocol/message.ts'
import { AwsError, type Json, type JsonObject } from '../../../simulator/protocol/operation.ts'

export const ACCOUNT = '111122223333'
export const HOST = '127.0.0.1:4321'
export const CALLER = { region: 'eu-central-1', account: ACCOUNT, host: HOST }
export const START_MS = Date.UTC(2026, 0, 1)

/** A registry with the given world, and its clock. */
export function cloudOf(world: World): { ecr: Ecr; timeline: Timeline } {
  const timeline = new Timeline(START_MS)
  return { ecr: createEcr({ world, account: ACCOUNT, region: CALLER.region, timeline, registryHost: HOST }), timeline }
}

/** Calls one operation of the ECR API; an exception comes back as `code: message`. */
export async function call(ecr: Ecr, operation: string, input: JsonObject = {}): Promise<JsonObject | string> {
  try {
    const found = ecrProtocol(ecr).operations[operation]
    if (found === undefined) throw new Error(`no operation ${operation}`)
    return await found(input, CALLER)
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`
    throw error
  }
}

/** The answer to a call that has to work. */
export async function ask(ecr: Ecr, operation: string, input: JsonObject = {}): Promise<JsonObject> {
  const answer = await call(ecr, operation, input)
  if (typeof answer === 'string') throw new Error(answer)
  return answer
}

/** A member that has to be text. */
export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`no text: ${JSON.stringify(value)}`)
  return value
}

/** A member that has to be a list of structures. */
export function listOf(value: Json | undefined): readonly JsonObject[] {
  if (!Array.isArray(value)) throw new Error(`no list: ${JSON.stringify(value)}`)
  return value as readonly JsonObject[]
}

/** A small image that differs from others by its text. */
export function imageOf(text: string, labels: Readonly<Record<string, string>> = {}): AssembledImage {
  return assembleImage({ files: [{ path: 'text', content: text }], labels })
}

/** Puts the config and layers of an image into a repository, as if they had been uploaded. */
export function addLayers(ecr: Ecr, repository: string, image: AssembledImage): void {
  for (const blob of image.blobs) ecr.repository(repository).layers.add(ecr.blobs.put(blob))
}

/** PutImage of an assembled image whose layers are there. */
export function put(ecr: Ecr, name: string, image: AssembledImage, tag?: string): Promise<JsonObject | string> {
  addLayers(ecr, name, image)
  const imageManifest = image.manifest.toString('utf8')
  return call(ecr, 'PutImage', { repositoryName: name, imageManifest, ...(tag !== undefined && { imageTag: tag }) })
}

/** A request to the registry, authorised unless `headers` say otherwise. */
export function request(
  ecr: Ecr,
  method: string,
  target: string,
  options: { headers?: Readonly<Record<string, string>>; body?: Iterable<Uint8Array> | string } = {}
): SimRequest {
  const [path = '', query = ''] = target.split('?')
  const { password } = ecr.credentials.issuePassword()
  const authorization = `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`
  const { body = '' } = options
  return {
    method,
    path,
    query: new URLSearchParams(query),
    headers: { authorization, host: HOST, ...options.headers },
    body: pieces(typeof body === 'string' ? [Buffer.from(body)] : body)
  }
}

async function* pieces(chunks: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve()
    if (chunk.length > 0) yield chunk
  }
}
