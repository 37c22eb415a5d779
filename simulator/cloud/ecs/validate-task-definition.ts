import { AwsError, type JsonObject } from '../../protocol/operation.ts'
import { listOf, numberOf, objectsOf, textOf } from './json.ts'
import { cpuUnits, memoryMiB } from './normalise.ts'

const MAX_BYTES = 65_536
const MAX_CONTAINERS = 10
const FAMILY = /^[A-Za-z0-9_-]{1,255}$/

/** Memory in MiB that Fargate offers beside a number of CPU units: from, to, step. */
const FARGATE_MEMORY: Readonly<Record<string, readonly [number, number, number]>> = {
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
  8192: [16_384, 61_440, 4096],
  16384: [32_768, 122_880, 8192]
}

const INVALID_CPU =
  "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."

/** Refuses a task definition with the words ECS has for it; `isEcr` says whether an image needs ECR's credentials. */
export function validateTaskDefinition(input: JsonObject, isEcr: (image: string) => boolean): void {
  const size = Buffer.byteLength(JSON.stringify(input))
  if (size > MAX_BYTES) refuse(`Actual length: '${String(size)}'. Max allowed length is '${String(MAX_BYTES)}' bytes.`)
  if (Array.isArray(input.tags) && input.tags.length === 0) refuse('Tags can not be empty.')
  if (!FAMILY.test(textOf(input.family) ?? '')) refuse('Family contains invalid characters.')
  const containers = objectsOf(input.containerDefinitions)
  if (containers.length === 0) refuse('Container list cannot be empty.')
  if (containers.length > MAX_CONTAINERS)
    refuse(`Container list cannot have more than ${String(MAX_CONTAINERS)} items.`)
  const taskMemory = textOf(input.memory)
  for (const container of containers) validateContainer(container, taskMemory)
  const names = containers.map(container => textOf(container.name))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) refuse(`Container.name contains duplicate value '${twice}'.`)
  if (listOf(input.requiresCompatibilities).includes('FARGATE')) validateFargate(input, containers, isEcr)
}

function validateContainer(container: JsonObject, taskMemory: string | undefined): void {
  const name = textOf(container.name) ?? ''
  if (name === '') refuse('Container.name should not be null or empty.')
  if ((textOf(container.image) ?? '') === '') refuse('Container.image should not be null or empty.')
  const ownMemory = numberOf(container.memory) ?? numberOf(container.memoryReservation)
  if (taskMemory === undefined && ownMemory === undefined) {
    refuse(
      `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`
    )
  }
  const variables = new Set(objectsOf(container.environment).map(entry => textOf(entry.name)))
  for (const secret of objectsOf(container.secrets)) {
    const secretName = textOf(secret.name)
    if (secretName !== undefined && variables.has(secretName)) {
      refuse(
        'The secret name must be unique and not shared with any new or existing environment variables set on the ' +
          `container, such as '${secretName}'.`
      )
    }
    variables.add(secretName)
  }
}

function validateFargate(
  input: JsonObject,
  containers: readonly JsonObject[],
  isEcr: (image: string) => boolean
): void {
  const networkMode = textOf(input.networkMode)
  if (networkMode !== undefined && networkMode !== 'awsvpc') refuse('Fargate only supports network mode ‘awsvpc’.')
  const pidMode = textOf(input.pidMode)
  if (pidMode !== undefined && pidMode !== 'task') {
    refuse(
      `Tasks using the Fargate launch type do not support pidMode '${pidMode}'. The supported value for pidMode is 'task'.`
    )
  }
  const cpu = cpuUnits(textOf(input.cpu) ?? '')
  const memory = memoryMiB(textOf(input.memory) ?? '')
  if (!/^\d+$/.test(cpu)) refuse(INVALID_CPU)
  if (!isFargateSize(cpu, Number(memory))) refuse('No Fargate configuration exists for given values.')
  const needsEcr = containers.some(container => isEcr(textOf(container.image) ?? ''))
  if (needsEcr && textOf(input.executionRoleArn) === undefined) {
    refuse('Fargate requires task definition to have execution role ARN to support ECR images.')
  }
}

function isFargateSize(cpu: string, memory: number): boolean {
  if (cpu === '256') return [512, 1024, 2048].includes(memory)
  const range = FARGATE_MEMORY[cpu]
  if (range === undefined) return false
  const [from, to, step] = range
  return memory >= from && memory <= to && (memory - from) % step === 0
}

function refuse(message: string): never {
  throw new AwsError('ClientException', message)
}
