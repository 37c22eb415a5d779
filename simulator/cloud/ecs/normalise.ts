import type { Json, JsonObject } from '../../protocol/operation.ts'
import { listOf, objectOf, objectsOf, textOf } from './json.ts'
import type { ContainerDefinition } from './model.ts'

/** Members of a container definition that Describe shows empty when they were left out. */
const EMPTY_LISTS = ['portMappings', 'environment', 'mountPoints', 'volumesFrom', 'systemControls'] as const

const HEALTH_CHECK_DEFAULTS = { interval: 30, timeout: 5, retries: 3 } as const

/** CPU units: `256`, `"256"`, `".25 vCPU"` and `"1 vcpu"` become `"256"`, `"256"` and `"1024"`. */
export function cpuUnits(value: string): string {
  const match = /^\s*(\d*\.?\d+)\s*vcpu\s*$/i.exec(value)
  return match === null ? value.trim() : String(Math.round(Number(match[1]) * 1024))
}

/** MiB: `"1 GB"` becomes `"1024"`. */
export function memoryMiB(value: string): string {
  const match = /^\s*(\d*\.?\d+)\s*gb\s*$/i.exec(value)
  return match === null ? value.trim() : String(Math.round(Number(match[1]) * 1024))
}

/** The document as DescribeTaskDefinition will show it: what ECS fills in is filled in, everything else is kept. */
export function normaliseTaskDefinition(input: JsonObject): JsonObject {
  const document = withoutNulls(input)
  const fargate = listOf(document.requiresCompatibilities).includes('FARGATE')
  const networkMode = textOf(document.networkMode) ?? (fargate ? 'awsvpc' : undefined)
  const cpu = textOf(document.cpu)
  const memory = textOf(document.memory)
  return {
    ...document,
    containerDefinitions: objectsOf(document.containerDefinitions).map(item => normaliseContainer(item, networkMode)),
    volumes: listOf(document.volumes),
    placementConstraints: listOf(document.placementConstraints),
    ...(networkMode === undefined ? {} : { networkMode }),
    ...(cpu === undefined ? {} : { cpu: cpuUnits(cpu) }),
    ...(memory === undefined ? {} : { memory: memoryMiB(memory) })
  }
}

function normaliseContainer(container: JsonObject, networkMode: string | undefined): JsonObject {
  const filled: Record<string, Json | undefined> = { cpu: 0, essential: true, ...container }
  for (const name of EMPTY_LISTS) filled[name] = listOf(container[name])
  filled.portMappings = objectsOf(container.portMappings).map(mapping => normalisePort(mapping, networkMode))
  if (container.healthCheck !== undefined) {
    filled.healthCheck = { ...HEALTH_CHECK_DEFAULTS, ...objectOf(container.healthCheck) }
  }
  return filled
}

function normalisePort(mapping: JsonObject, networkMode: string | undefined): JsonObject {
  const sameAsContainer = networkMode === 'awsvpc' || networkMode === 'host'
  const hostPort = sameAsContainer ? (mapping.containerPort ?? 0) : 0
  return { hostPort, protocol: 'tcp', ...mapping }
}

/** AWS JSON treats a null member as one that is not there. */
function withoutNulls(object: JsonObject): JsonObject {
  const kept: Record<string, Json | undefined> = {}
  for (const [name, value] of Object.entries(object)) {
    if (value !== null && value !== undefined) kept[name] = withoutNullsWithin(value)
  }
  return kept
}

function withoutNullsWithin(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutNullsWithin)
  return typeof value === 'object' && value !== null ? withoutNulls(value as JsonObject) : value
}

/** What the engine needs of the containers of a normalised document. */
export function readContainers(document: JsonObject): readonly ContainerDefinition[] {
  return objectsOf(document.containerDefinitions).map(container => {
    const check = objectOf(container.healthCheck)
    const options = objectOf(objectOf(container.logConfiguration).options)
    const group = textOf(options['awslogs-group'])
    const prefix = textOf(options['awslogs-stream-prefix'])
    const usesAwslogs = textOf(objectOf(container.logConfiguration).logDriver) === 'awslogs'
    return {
      name: textOf(container.name) ?? '',
      image: textOf(container.image) ?? '',
      essential: container.essential !== false,
      healthCheck:
        container.healthCheck === undefined
          ? undefined
          : {
              interval: Number(check.interval),
              retries: Number(check.retries),
              startPeriod: Number(check.startPeriod ?? 0)
            },
      pinsVersion: container.versionConsistency !== 'disabled',
      log: usesAwslogs && group !== undefined && prefix !== undefined ? { group, prefix } : undefined
    }
  })
}
