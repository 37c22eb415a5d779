import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  GetLifecyclePolicyCommand,
  ListImagesCommand,
  PutImageCommand,
  type ImageIdentifier
} from '@aws-sdk/client-ecr'
import { restoreCommand } from '../../decide/image/archive.ts'
import { ecrCommand, type RepositoryPlace } from '../../decide/image/ecr-command.ts'
import type { TagImmutability } from '../../decide/image/immutability.ts'
import { MANIFEST_MEDIA_TYPES } from '../../decide/image/manifest.ts'
import { asList, asObject, asString, objectsOf, textAt, type JsonObject } from '../../decide/json.ts'
import { Failure, isAwsError } from '../../failure.ts'
import { readSmallBlob } from './blob.ts'
import { call, clientConfiguration, type CallPolicy, type Repeat } from './call.ts'
import { DocumentProtocol, sendDocument } from './document.ts'
import { digestOf, readFoundImages, readRepository, readTag } from './ecr-shapes.ts'

/** A repository and how it treats its tags. */
export interface EcrRepository {
  readonly name: string
  /** `host/name`: what image references start with. */
  readonly uri: string
  /** Undefined when this job may not read the repository's settings. */
  readonly immutability: TagImmutability | undefined
  /** Why it may not. */
  readonly unread?: Failure
}

/** An image of a repository with its manifest, byte for byte. */
export interface StoredImage {
  readonly digest: string
  readonly manifest: string
  readonly mediaType: string | undefined
}

/** What ECR says of an image that it was asked for. */
export type FoundImage =
  | { readonly kind: 'there'; readonly stored: StoredImage }
  | { readonly kind: 'missing' }
  /** In the archive storage class: nothing pulls it before it is restored. */
  | { readonly kind: 'archived' }
  | { readonly kind: 'unread'; readonly why: string }

/** Names an image of a repository. */
export type ImageId = { readonly tag: string } | { readonly digest: string }

/** What PutImage did: put the tag, or found a tag of this name there (pointing anywhere). */
export type PutOutcome = { readonly kind: 'put'; readonly digest: string } | { readonly kind: 'tag-exists' }

/** How a Docker client logs in to this registry. */
export interface RegistryLogin {
  readonly username: string
  readonly password: string
  /** URL of the registry. */
  readonly endpoint: string
}

/** A tag and the image it is on. */
export interface ImageTag {
  readonly tag: string
  readonly digest: string
}

/** The ECR calls that the image part needs; every method throws AwsFailure. */
export interface EcrPort {
  /** `undefined` when there is no such repository. */
  describeRepository(name: string): Promise<EcrRepository | undefined>
  /** Names of repositories, for suggestions; the first thousand. */
  repositoryNames(): Promise<readonly string[]>
  /** `undefined` only when ECR says that there is no such image; throws `image-archived` for one in the archive. */
  findImage(repository: string, name: ImageId): Promise<StoredImage | undefined>
  /** What is there under each of these names, at most a hundred. */
  findImages(repository: string, names: readonly ImageId[]): Promise<readonly FoundImage[]>
  /** Some tags of the repository, for suggestions. */
  someTags(repository: string): Promise<readonly string[]>
  /** Every tag of the repository, a thousand at a time; archived images have theirs still. */
  tagPages(repository: string, which: 'active' | 'archived-too'): AsyncIterable<readonly ImageTag[]>
  /** All tags that are on an image. */
  tagsOf(repository: string, name: ImageId): Promise<readonly string[]>
  /**
   * Tags an image that is already there. ECR has no conditional put, so `mayRepeat` is asked before the call is sent
   * again after a refusal for its rate or a lost answer: the tag may be another's by then.
   */
  putImage(repository: string, image: StoredImage, tag: string, mayRepeat: () => Promise<boolean>): Promise<PutOutcome>
  /** Takes one tag off its image; the image stays as long as it has others. */
  removeTag(repository: string, tag: string): Promise<void>
  /** The text of a repository's lifecycle policy, `undefined` when there is none; fails within seconds, as it only informs. */
  lifecyclePolicy(repository: string): Promise<string | undefined>
  /** The bytes of a small blob, e.g. an image's config: at most 4 MiB, within five seconds. */
  readBlob(repository: string, digest: string): Promise<Uint8Array>
  login(): Promise<RegistryLogin>
}

/** The EcrPort over the AWS SDK, for the registry of `registryId` (the caller's own when undefined). */
export function createEcr(policy: CallPolicy, registryId: string | undefined): EcrPort {
  const client = new ECRClient({ ...clientConfiguration(policy), protocol: DocumentProtocol })
  const registry = registryId === undefined ? {} : { registryId }

  function send(name: string, command: object, repeat: Repeat = 'safe'): Promise<JsonObject> {
    return call(policy, `ecr:${name}`, repeat, signal => sendDocument(client, command, signal))
  }

  function placeOf(name: string): RepositoryPlace {
    return { name, region: policy.region, account: registryId }
  }

  function lookAtTag(repository: string, tag: string): string {
    return `${ecrCommand('describe-images', placeOf(repository))} --image-ids imageTag=${tag}`
  }

  async function findImages(repositoryName: string, names: readonly ImageId[]): Promise<readonly FoundImage[]> {
    const command = new BatchGetImageCommand({
      ...registry,
      repositoryName,
      imageIds: names.map(imageId),
      acceptedMediaTypes: [...MANIFEST_MEDIA_TYPES]
    })
    const answer = await send('BatchGetImage', command)
    return readFoundImages(answer, names, repositoryName)
  }

  return {
    async describeRepository(name) {
      const command = new DescribeRepositoriesCommand({ ...registry, repositoryNames: [name] })
      try {
        const answer = await send('DescribeRepositories', command)
        const [found] = objectsOf(answer['repositories'])
        return found === undefined ? undefined : readRepository(found, name)
      } catch (error) {
        if (isAwsError(error, 'RepositoryNotFoundException')) return undefined
        throw error
      }
    },

    async repositoryNames() {
      const command = new DescribeRepositoriesCommand({ ...registry, maxResults: 1000 })
      const answer = await send('DescribeRepositories', command)
      return objectsOf(answer['repositories']).flatMap(repository => textAt(repository, 'repositoryName') ?? [])
    },

    async findImage(repositoryName, name) {
      const [found] = await findImages(repositoryName, [name])
      switch (found?.kind) {
        case 'there':
          return found.stored
        case 'missing':
          return undefined
        case 'archived':
          throw new Failure('image-archived', `${describe(name)} of repository ${repositoryName} is archived`, {
            remedy: `restore it first (${restoreCommand(placeOf(repositoryName), named(name))}), or name another one`
          })
        case 'unread':
        case undefined:
          throw new Failure(
            'aws-error',
            `ecr:BatchGetImage could not read ${describe(name)} of repository ${repositoryName}: ${found?.why ?? ''}`
          )
      }
    },

    findImages,

    async someTags(repositoryName) {
      const command = new ListImagesCommand({
        ...registry,
        repositoryName,
        maxResults: 1000,
        filter: { tagStatus: 'TAGGED' }
      })
      const answer = await send('ListImages', command)
      return objectsOf(answer['imageIds']).flatMap(id => textAt(id, 'imageTag') ?? [])
    },

    async *tagPages(repositoryName, which) {
      let nextToken: string | undefined
      do {
        const command = new ListImagesCommand({
          ...registry,
          repositoryName,
          maxResults: 1000,
          filter: { tagStatus: 'TAGGED', ...(which === 'archived-too' && { imageStatus: 'ANY' }) },
          ...(nextToken !== undefined && { nextToken })
        })
        const answer = await send('ListImages', command)
        yield objectsOf(answer['imageIds']).flatMap(readTag)
        nextToken = textAt(answer, 'nextToken')
      } while (nextToken !== undefined)
    },

    async tagsOf(repositoryName, name) {
      const command = new DescribeImagesCommand({ ...registry, repositoryName, imageIds: [imageId(name)] })
      const answer = await send('DescribeImages', command)
      return objectsOf(answer['imageDetails']).flatMap(image =>
        asList(image['imageTags']).flatMap(tag => asString(tag) ?? [])
      )
    },

    async putImage(repositoryName, image, tag, mayRepeat) {
      const command = new PutImageCommand({
        ...registry,
        repositoryName,
        imageManifest: image.manifest,
        imageDigest: image.digest,
        imageTag: tag,
        ...(image.mediaType !== undefined && { imageManifestMediaType: image.mediaType })
      })
      try {
        const answer = await send('PutImage', command, { repeat: mayRepeat, look: lookAtTag(repositoryName, tag) })
        return { kind: 'put', digest: digestOf(asObject(answer['image'])) ?? image.digest }
      } catch (error) {
        if (isAwsError(error, 'ImageTagAlreadyExistsException', 'ImageAlreadyExistsException')) {
          return { kind: 'tag-exists' }
        }
        if (isAwsError(error, 'LimitExceededException')) {
          throw new Failure('too-many-tags', `${repositoryName}:${tag} cannot be put: ${error.message}`, {
            remedy: 'an image takes 1,000 tags in ECR: take some off this one (ecr batch-delete-image)',
            cause: error
          })
        }
        throw error
      }
    },

    async removeTag(repositoryName, imageTag) {
      const command = new BatchDeleteImageCommand({ ...registry, repositoryName, imageIds: [{ imageTag }] })
      await send('BatchDeleteImage', command, { repeat: 'idempotent', look: lookAtTag(repositoryName, imageTag) })
    },

    async lifecyclePolicy(repositoryName) {
      try {
        const command = new GetLifecyclePolicyCommand({ ...registry, repositoryName })
        const answer = await send('GetLifecyclePolicy', command, 'poll')
        return textAt(answer, 'lifecyclePolicyText')
      } catch (error) {
        if (isAwsError(error, 'LifecyclePolicyNotFoundException')) return undefined
        throw error
      }
    },

    async readBlob(repositoryName, layerDigest) {
      const command = new GetDownloadUrlForLayerCommand({ ...registry, repositoryName, layerDigest })
      const answer = await send('GetDownloadUrlForLayer', command)
      return readSmallBlob(client.config.requestHandler, textAt(answer, 'downloadUrl') ?? '', policy.signal)
    },

    async login() {
      const command = new GetAuthorizationTokenCommand({})
      const answer = await send('GetAuthorizationToken', command)
      const [authorization = {}] = objectsOf(answer['authorizationData'])
      const decoded = Buffer.from(textAt(authorization, 'authorizationToken') ?? '', 'base64').toString('utf8')
      const colon = decoded.indexOf(':')
      if (colon < 0) throw new Failure('aws-error', 'ecr:GetAuthorizationToken returned no usable token')
      return {
        username: decoded.slice(0, colon),
        password: decoded.slice(colon + 1),
        endpoint: textAt(authorization, 'proxyEndpoint') ?? ''
      }
    }
  }
}

function imageId(name: ImageId): ImageIdentifier {
  return 'tag' in name ? { imageTag: name.tag } : { imageDigest: name.digest }
}

function named(name: ImageId): string {
  return 'tag' in name ? `imageTag=${name.tag}` : `imageDigest=${name.digest}`
}

function describe(name: ImageId): string {
  return 'tag' in name ? `tag ${name.tag}` : `digest ${name.digest}`
}
