import { DIGEST } from '../../cloud/ecr/digest.ts'
import type { Ecr } from '../../cloud/ecr/ecr.ts'
import { EcrFault, invalidParameter } from '../../cloud/ecr/fault.ts'
import type { Repository } from '../../cloud/ecr/repository.ts'
import { checkParts, PART_BYTES } from '../../cloud/ecr/uploads.ts'
import type { Caller, JsonObject, Operation } from '../operation.ts'
import { requiredNumber, requiredText, texts } from './input.ts'
import { repositoryOf } from './repositories.ts'

/** Path under which layers can be downloaded without credentials. */
export const LAYER_LINKS = '/_layers/'

const MAX_PART_BYTES = 20 * 1024 * 1024

/** The operations on layers. */
export function layerOperations(ecr: Ecr): Record<string, Operation> {
  return {
    BatchCheckLayerAvailability: input => batchCheckLayerAvailability(ecr, input),
    InitiateLayerUpload: input => initiateLayerUpload(ecr, input),
    UploadLayerPart: input => uploadLayerPart(ecr, input),
    CompleteLayerUpload: input => completeLayerUpload(ecr, input),
    GetDownloadUrlForLayer: (input, caller) => getDownloadUrlForLayer(ecr, input, caller)
  }
}

/** A link to a layer that works without credentials, on the host by which the simulator is reached. */
export function layerLink(ecr: Ecr, digest: string, host: string): string {
  return `http://${host}${LAYER_LINKS}${digest}?${ecr.credentials.signLink(digest).toString()}`
}

function batchCheckLayerAvailability(ecr: Ecr, input: JsonObject): JsonObject {
  const repository = repositoryOf(ecr, input)
  const layers: JsonObject[] = []
  const failures: JsonObject[] = []
  for (const layerDigest of texts(input, 'layerDigests') ?? []) {
    if (!DIGEST.test(layerDigest)) {
      const failureReason = `Invalid request parameters: layer digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'`
      failures.push({ layerDigest, failureCode: 'InvalidLayerDigest', failureReason })
    } else if (repository.layers.has(layerDigest)) {
      layers.push({ layerDigest, layerAvailability: 'AVAILABLE', layerSize: ecr.blobs.size(layerDigest) ?? 0 })
    } else {
      layers.push({ layerDigest, layerAvailability: 'UNAVAILABLE' })
    }
  }
  return { layers, failures }
}

function initiateLayerUpload(ecr: Ecr, input: JsonObject): JsonObject {
  return { uploadId: ecr.uploads.start(repositoryOf(ecr, input)).id, partSize: PART_BYTES }
}

async function uploadLayerPart(ecr: Ecr, input: JsonObject): Promise<JsonObject> {
  const repository = repositoryOf(ecr, input)
  const upload = ecr.uploads.find(repository, requiredText(input, 'uploadId'))
  const part = Buffer.from(requiredText(input, 'layerPartBlob'), 'base64')
  const first = requiredNumber(input, 'partFirstByte')
  const last = requiredNumber(input, 'partLastByte')
  const received = upload.writer.size
  if (part.length > MAX_PART_BYTES) {
    throw invalidParameter('layerPartBlob', `Member must have length less than or equal to ${MAX_PART_BYTES}`)
  }
  if (first !== received || last - first + 1 !== part.length) {
    throw new EcrFault(
      'InvalidLayerPart',
      `Layer part with first byte '${first}' and last byte '${last}' is not valid for the upload with id '${upload.id}'. Last valid byte received: '${received - 1}'`,
      {
        registryId: repository.registryId,
        repositoryName: repository.name,
        uploadId: upload.id,
        ...(received > 0 && { lastValidByteReceived: received - 1 })
      }
    )
  }
  await ecr.uploads.receivePart(upload, part)
  return {
    registryId: repository.registryId,
    repositoryName: repository.name,
    uploadId: upload.id,
    lastByteReceived: last
  }
}

async function completeLayerUpload(ecr: Ecr, input: JsonObject): Promise<JsonObject> {
  const repository = repositoryOf(ecr, input)
  const upload = ecr.uploads.find(repository, requiredText(input, 'uploadId'))
  checkParts(upload)
  const wanted = texts(input, 'layerDigests') ?? []
  const present = wanted.find(digest => repository.layers.has(digest))
  if (present !== undefined) {
    await ecr.uploads.cancel(upload)
    throw layerFault('LayerAlreadyExists', repository, present, 'already exists in')
  }
  const layerDigest = await ecr.uploads.complete(upload, wanted)
  return { registryId: repository.registryId, repositoryName: repository.name, uploadId: upload.id, layerDigest }
}

function getDownloadUrlForLayer(ecr: Ecr, input: JsonObject, caller: Caller): JsonObject {
  const repository = repositoryOf(ecr, input)
  const layerDigest = requiredText(input, 'layerDigest')
  if (!repository.layers.has(layerDigest)) {
    throw layerFault('LayersNotFound', repository, layerDigest, 'does not exist within')
  }
  return { downloadUrl: layerLink(ecr, layerDigest, caller.host), layerDigest }
}

function layerFault(
  kind: 'LayerAlreadyExists' | 'LayersNotFound',
  repository: Repository,
  digest: string,
  relation: string
): EcrFault {
  return new EcrFault(
    kind,
    `The layer with digest ${digest} ${relation} the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`
  )
}
