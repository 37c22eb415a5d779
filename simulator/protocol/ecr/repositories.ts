import type { Ecr } from '../../cloud/ecr/ecr.ts'
import { EcrFault, invalidParameter } from '../../cloud/ecr/fault.ts'
import { tagPolicy, type ExclusionFilter, type TagMutability, type TagPolicy } from '../../cloud/ecr/mutability.ts'
import { Repository } from '../../cloud/ecr/repository.ts'
import type { JsonObject, Operation } from '../operation.ts'
import { page, refusePaging, requiredText, structure, structures, text, texts } from './input.ts'

const REPOSITORY_NAME = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/
const MIN_NAME_LENGTH = 2
const MAX_NAME_LENGTH = 256
const MS_PER_SECOND = 1000

/** The operations on repositories, and the token that opens them. */
export function repositoryOperations(ecr: Ecr): Record<string, Operation> {
  return {
    GetAuthorizationToken: () => getAuthorizationToken(ecr),
    CreateRepository: input => createRepository(ecr, input),
    DescribeRepositories: input => describeRepositories(ecr, input),
    DeleteRepository: input => deleteRepository(ecr, input),
    PutImageTagMutability: input => putImageTagMutability(ecr, input),
    GetLifecyclePolicy: input => getLifecyclePolicy(ecr, input)
  }
}

/** The repository that a request names. */
export function repositoryOf(ecr: Ecr, input: JsonObject): Repository {
  return ecr.repository(requiredText(input, 'repositoryName'), text(input, 'registryId'))
}

function getAuthorizationToken(ecr: Ecr): JsonObject {
  const { password, expiresAt } = ecr.credentials.issuePassword()
  return {
    authorizationData: [
      {
        authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
        expiresAt: expiresAt / MS_PER_SECOND,
        proxyEndpoint: `http://${ecr.registryHost}`
      }
    ]
  }
}

function createRepository(ecr: Ecr, input: JsonObject): JsonObject {
  const name = requiredText(input, 'repositoryName')
  checkName(name)
  const registryId = text(input, 'registryId') ?? ecr.account
  if (registryId !== ecr.account) throw invalidParameter('registryId', `Member must be '${ecr.account}'`)
  const encryption = structure(input, 'encryptionConfiguration')
  const repository = new Repository({
    name,
    registryId,
    createdAt: ecr.timeline.now(),
    policy: policyOf(input),
    scanOnPush: structure(input, 'imageScanningConfiguration').scanOnPush === true,
    encryption: {
      encryptionType: text(encryption, 'encryptionType') ?? 'AES256',
      ...(text(encryption, 'kmsKey') !== undefined && { kmsKey: requiredText(encryption, 'kmsKey') })
    }
  })
  ecr.addRepository(repository)
  return { repository: describe(ecr, repository) }
}

function describeRepositories(ecr: Ecr, input: JsonObject): JsonObject {
  const names = texts(input, 'repositoryNames')
  const registryId = text(input, 'registryId')
  if (names !== undefined) {
    refusePaging(input, 'repositoryNames')
    return { repositories: names.map(name => describe(ecr, ecr.repository(name, registryId))) }
  }
  const { items, ...next } = page(
    input,
    registryId === undefined || registryId === ecr.account ? ecr.repositories() : []
  )
  return { repositories: items.map(repository => describe(ecr, repository)), ...next }
}

function deleteRepository(ecr: Ecr, input: JsonObject): JsonObject {
  const repository = repositoryOf(ecr, input)
  ecr.deleteRepository(repository, input.force === true)
  return { repository: describe(ecr, repository) }
}

function putImageTagMutability(ecr: Ecr, input: JsonObject): JsonObject {
  const repository = repositoryOf(ecr, input)
  repository.policy = policyOf(input)
  return {
    registryId: repository.registryId,
    repositoryName: repository.name,
    ...describePolicy(repository.policy)
  }
}

function getLifecyclePolicy(ecr: Ecr, input: JsonObject): JsonObject {
  const { name, registryId, lifecyclePolicy } = repositoryOf(ecr, input)
  if (lifecyclePolicy !== undefined) {
    return { registryId, repositoryName: name, lifecyclePolicyText: lifecyclePolicy }
  }
  throw new EcrFault(
    'LifecyclePolicyNotFound',
    `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${registryId}'`
  )
}

function checkName(name: string): void {
  if (!REPOSITORY_NAME.test(name)) {
    throw invalidParameter('repositoryName', `must satisfy regular expression '${REPOSITORY_NAME.source.slice(1, -1)}'`)
  }
  if (name.length >= MIN_NAME_LENGTH && name.length <= MAX_NAME_LENGTH) return
  throw invalidParameter('repositoryName', `Member must have length between ${MIN_NAME_LENGTH} and ${MAX_NAME_LENGTH}`)
}

function policyOf(input: JsonObject): TagPolicy {
  const filters = structures(input, 'imageTagMutabilityExclusionFilters') ?? []
  const exclusions = filters.map((filter): ExclusionFilter => ({
    filterType: 'WILDCARD',
    filter: requiredText(filter, 'filter')
  }))
  return tagPolicy(readMutability(text(input, 'imageTagMutability') ?? 'MUTABLE'), exclusions)
}

function readMutability(value: string): TagMutability {
  switch (value) {
    case 'MUTABLE':
    case 'IMMUTABLE':
    case 'IMMUTABLE_WITH_EXCLUSION':
    case 'MUTABLE_WITH_EXCLUSION':
      return value
    default:
      throw invalidParameter('imageTagMutability', 'Member must satisfy enum value set')
  }
}

function describe(ecr: Ecr, repository: Repository): JsonObject {
  const { name, registryId } = repository
  return {
    repositoryArn: `arn:aws:ecr:${ecr.region}:${registryId}:repository/${name}`,
    registryId,
    repositoryName: name,
    repositoryUri: ecr.uri(repository),
    createdAt: repository.createdAt / MS_PER_SECOND,
    ...describePolicy(repository.policy),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: { ...repository.encryption }
  }
}

function describePolicy({ mutability, exclusions }: TagPolicy): JsonObject {
  return {
    imageTagMutability: mutability,
    ...(exclusions.length > 0 && { imageTagMutabilityExclusionFilters: exclusions.map(filter => ({ ...filter })) })
  }
}
