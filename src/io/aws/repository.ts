import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  PutImageTagMutabilityCommand
} from '@aws-sdk/client-ecr'
import type { TagImmutability } from '../../decide/image/immutability.ts'
import type { StoredImageAge } from '../../decide/image/lifecycle.ts'
import { asList, asObject, asString, memberOf, objectsOf, textAt, type JsonObject } from '../../decide/json.ts'
import { Failure, isAwsError } from '../../failure.ts'
import { call, clientConfiguration, type CallPolicy, type Repeat } from './call.ts'
import { DocumentProtocol, sendDocument } from './document.ts'
import type { EcrRepository, ImageId } from './ecr.ts'
import { readRepository } from './ecr-shapes.ts'

/** The ECR calls about a repository itself rather than one image in it; every method throws AwsFailure. */
export interface RepositoryPort {
  /** Creates a repository that scans what is pushed; `undefined` when there is one of that name by now. */
  create(name: string, immutability: TagImmutability): Promise<EcrRepository | undefined>
  /** Sets which tags can move from now on; no tag is touched. */
  setImmutability(name: string, immutability: TagImmutability): Promise<void>
  /** `undefined` when there is no such image, or it is archived; fails within seconds, as it only informs. */
  imageAge(name: string, image: ImageId): Promise<StoredImageAge | undefined>
  /** The images that are there, archived ones left out, a thousand at a time; as soon over. */
  imageAges(name: string): AsyncIterable<readonly StoredImageAge[]>
}

const MS_PER_SECOND = 1000

/** The RepositoryPort over the AWS SDK, for the registry of `registryId` (the caller's own when undefined). */
export function createRepositories(policy: CallPolicy, registryId: string | undefined): RepositoryPort {
  const client = new ECRClient({ ...clientConfiguration(policy), protocol: DocumentProtocol })
  const registry = registryId === undefined ? {} : { registryId }

  function send(name: string, command: object, repeat: Repeat = 'safe'): Promise<JsonObject> {
    return call(policy, `ecr:${name}`, repeat, signal => sendDocument(client, command, signal))
  }

  /** Done twice, a change of a repository is the same as done once. */
  function change(name: string, command: object, repository: string): Promise<JsonObject> {
    const whose = registryId === undefined ? '' : ` --registry-id ${registryId}`
    const look = `aws ecr describe-repositories --region ${policy.region}${whose} --repository-names ${repository}`
    return send(name, command, { repeat: 'idempotent', look })
  }

  return {
    async create(name, immutability) {
      const command = new CreateRepositoryCommand({
        ...registry,
        repositoryName: name,
        ...settingsOf(immutability),
        imageScanningConfiguration: { scanOnPush: true }
      })
      try {
        const answer = await change('CreateRepository', command, name)
        const repository = asObject(answer['repository'])
        if (repository === undefined) throw new Failure('aws-error', 'ecr:CreateRepository returned no repository')
        return readRepository(repository, name)
      } catch (error) {
        if (isAwsError(error, 'RepositoryAlreadyExistsException')) return undefined
        throw error
      }
    },

    async setImmutability(name, immutability) {
      const settings = settingsOf(immutability)
      const command = new PutImageTagMutabilityCommand({ ...registry, repositoryName: name, ...settings })
      await change('PutImageTagMutability', command, name)
    },

    async imageAge(name, image) {
      const imageId = 'tag' in image ? { imageTag: image.tag } : { imageDigest: image.digest }
      const command = new DescribeImagesCommand({ ...registry, repositoryName: name, imageIds: [imageId] })
      try {
        const answer = await send('DescribeImages', command, 'poll')
        return objectsOf(answer['imageDetails']).flatMap(readAge)[0]
      } catch (error) {
        if (isAwsError(error, 'ImageNotFoundException')) return undefined
        throw error
      }
    },

    async *imageAges(name) {
      let nextToken: string | undefined
      do {
        const page = { maxResults: 1000, ...(nextToken !== undefined && { nextToken }) }
        const command = new DescribeImagesCommand({ ...registry, repositoryName: name, ...page })
        const answer = await send('DescribeImages', command, 'poll')
        yield objectsOf(answer['imageDetails']).flatMap(readAge)
        nextToken = textAt(answer, 'nextToken')
      } while (nextToken !== undefined)
    }
  }
}

/** The settings as the API takes them; the list of filters is left out where there is none, because it may not be empty. */
function settingsOf({ mode, filters }: TagImmutability) {
  const imageTagMutabilityExclusionFilters = filters.map(({ filter }) => ({ filterType: 'WILDCARD' as const, filter }))
  return {
    // Only modes that were read from ECR or that this action knows come this far.
    imageTagMutability: mode as 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION',
    ...(filters.length > 0 && { imageTagMutabilityExclusionFilters })
  }
}

function readAge(image: JsonObject): readonly StoredImageAge[] {
  const digest = textAt(image, 'imageDigest')
  const pushedAtMs = timeAt(image, 'imagePushedAt')
  if (digest === undefined || pushedAtMs === undefined) return []
  const tags = asList(image['imageTags']).flatMap(tag => asString(tag) ?? [])
  return [{ digest, tags, pushedAtMs, pulledAtMs: timeAt(image, 'lastRecordedPullTime') }]
}

/** Times are seconds since 1970 on the wire; undefined when there is none. */
function timeAt(object: JsonObject, member: string): number | undefined {
  const seconds = memberOf(object, member)
  return typeof seconds === 'number' ? seconds * MS_PER_SECOND : undefined
}
