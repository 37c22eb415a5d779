import { asList, asNumber, asObject, isObject, objectsOf, textAt, type JsonObject } from '../../json.ts'
import { parseEcrHost } from '../../image/ecr-host.ts'
import { containersOf } from '../../task/document.ts'
import { listed } from '../../wording.ts'
import type { ServiceSnapshot } from '../snapshot.ts'
import type { Finding } from './finding.ts'

/** What ECS takes where a health check leaves a number out, https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
const DEFAULT_INTERVAL_SECONDS = 30
const DEFAULT_RETRIES = 3

/**
 * ECS refuses a revision without execution role whose tasks it would have to fetch something for.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
 */
export function noExecutionRole(document: JsonObject): readonly Finding[] {
  if ((textAt(document, 'executionRoleArn') ?? '') !== '') return []
  const isFargate = asList(document['requiresCompatibilities']).includes('FARGATE')
  const needs = containersOf(document).flatMap(container => needsOf(container, isFargate))
  if (needs.length === 0) return []
  return [
    {
      code: 'execution-role-missing',
      severity: 'error',
      sentence: `the task definition has no execution role, which it needs for ${[...new Set(needs)].join(', ')}`,
      remedy: "set 'execution-role-arn', or executionRoleArn in the task definition"
    }
  ]
}

function needsOf(container: JsonObject, isFargate: boolean): readonly string[] {
  const name = listed([textAt(container, 'name') ?? ''])
  const logging = asObject(container['logConfiguration']) ?? {}
  const image = textAt(container, 'image') ?? ''
  const needs: string[] = []
  if (objectsOf(container['secrets']).length > 0) needs.push(`the secrets of ${name}`)
  if (objectsOf(logging['secretOptions']).length > 0) needs.push(`the secrets in the log configuration of ${name}`)
  if (isObject(container['repositoryCredentials'])) needs.push(`the registry credentials of ${name}`)
  // On instances the role of the instance pulls from ECR and writes logs.
  if (isFargate && parseEcrHost(image.split('/')[0] ?? '') !== undefined) needs.push(`pulling the image of ${name}`)
  if (isFargate && textAt(logging, 'logDriver') === 'awslogs') needs.push(`writing the log of ${name}`)
  return needs
}

/**
 * A task that is still starting is replaced when its target is unhealthy, unless the grace period covers the start; how
 * long that may take, the container's own health check says.
 */
export function shortGracePeriod(service: ServiceSnapshot, document: JsonObject): readonly Finding[] {
  if (!service.loadBalanced) return []
  const grace = service.healthCheckGracePeriodSeconds
  const findings: Finding[] = []
  for (const container of essentialContainers(document)) {
    const check = asObject(container['healthCheck'])
    if (check === undefined) continue
    const start = asNumber(check['startPeriod']) ?? 0
    const patience =
      start +
      (asNumber(check['interval']) ?? DEFAULT_INTERVAL_SECONDS) * (asNumber(check['retries']) ?? DEFAULT_RETRIES)
    if (grace >= patience) continue
    const name = listed([textAt(container, 'name') ?? ''])
    const startSaid = start > 0 ? `${String(start)} s to start and ` : ''
    findings.push({
      code: 'grace-period-too-short',
      // The start period is a promise that the start may take so long; the rest is only patience.
      severity: grace < start ? 'warning' : 'hint',
      sentence:
        `the health check of container ${name} gives it ${startSaid}${String(patience)} s in all, but ` +
        `${service.name} replaces a task whose target is unhealthy after ${String(grace)} s`,
      remedy: `set healthCheckGracePeriodSeconds of the service to ${String(patience)}`
    })
  }
  return findings
}

/** Without any check ECS takes a task for healthy that merely runs. */
export function noHealthCheck(service: ServiceSnapshot, document: JsonObject): readonly Finding[] {
  const isChecked = essentialContainers(document).some(container => isObject(container['healthCheck']))
  if (service.loadBalanced || isChecked) return []
  return [
    {
      code: 'failed-health-check',
      severity: 'hint',
      sentence: `neither a load balancer nor a container health check says whether ${service.name} works: running for 40 s counts as healthy`,
      remedy: 'give an essential container a healthCheck'
    }
  ]
}

/** Only the checks of essential containers decide the health of a task. */
function essentialContainers(document: JsonObject): readonly JsonObject[] {
  return containersOf(document).filter(container => container['essential'] !== false)
}
