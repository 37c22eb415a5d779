import { formatPlatform, hasPlatform, type ImageManifest } from '../image/manifest.ts'
import { asList, asObject, isObject, type JsonObject } from '../json.ts'
import { containersOf } from '../task/document.ts'
import { requiredPlatform } from '../task/platform.ts'
import type { FailureCode } from '../../failure.ts'
import type { ServiceSnapshot } from './snapshot.ts'

/** Something that is known to go wrong, or to be missing, before anything has changed. */
export interface Finding {
  readonly code: FailureCode
  /** An `error` refuses the deployment, a `warning` stands on the run's page, a `hint` in the log alone. */
  readonly severity: 'error' | 'warning' | 'hint'
  readonly sentence: string
  readonly remedy: string
}

/** What matters most first. */
const SEVERITIES: readonly Finding['severity'][] = ['error', 'warning', 'hint']

/** What is looked at before a service is deployed to. */
export interface PreflightScene {
  readonly service: ServiceSnapshot
  /** The rendered revision. */
  readonly document: JsonObject
  /** The manifests of the images that were found, by container. */
  readonly manifests: ReadonlyMap<string, ImageManifest>
  /** Status of the revision that the service runs: the way back. */
  readonly currentStatus: string
  /** The desired count that the deployment asks for, when it asks for one. */
  readonly desiredCount: number | undefined
  readonly circuitBreaker: 'enable' | 'require' | 'ignore'
}

/** All findings at once, errors first, so that one run shows everything there is to mend. */
export function preflight(scene: PreflightScene): readonly Finding[] {
  const findings = [
    ...deadlock(scene),
    ...breakerOff(scene),
    ...wrongPlatforms(scene),
    ...noTasks(scene),
    ...noHealthCheck(scene),
    ...noWayBack(scene)
  ]
  return findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
}

/**
 * With these percentages ECS may neither start a new task nor stop an old one, and the deployment stays in progress for
 * ever. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
function deadlock({ service, desiredCount }: PreflightScene): readonly Finding[] {
  const { minimumHealthyPercent: minimum, maximumPercent: maximum, strategy } = service.deploymentConfiguration
  // Blue/green and its kin start a whole second set of tasks beside the first.
  if (strategy !== undefined && strategy !== 'ROLLING') return []
  if (typeof minimum !== 'number' || typeof maximum !== 'number') return []
  const desired = desiredCount ?? service.desiredCount
  const canStart = Math.floor((desired * maximum) / 100) > desired
  const canStop = Math.ceil((desired * minimum) / 100) < desired
  if (desired === 0 || canStart || canStop) return []
  const enough = Math.ceil(((desired + 1) * 100) / desired)
  const lowEnough = Math.floor(((desired - 1) * 100) / desired)
  return [
    {
      code: 'deployment-deadlock',
      severity: 'error',
      sentence:
        `with minimumHealthyPercent ${String(minimum)} and maximumPercent ${String(maximum)} ECS can neither start a ` +
        `new task nor stop an old one while ${String(desired)} are desired`,
      remedy:
        `set maximumPercent to ${String(enough)} or more, or minimumHealthyPercent to ${String(lowEnough)} or less, ` +
        'in the deployment configuration of the service'
    }
  ]
}

function breakerOff({ service, circuitBreaker }: PreflightScene): readonly Finding[] {
  const isOn = asObject(service.deploymentConfiguration['deploymentCircuitBreaker'])?.['enable'] === true
  if (isOn || circuitBreaker === 'enable') return []
  return [
    {
      code: 'circuit-breaker-off',
      severity: circuitBreaker === 'require' ? 'error' : 'warning',
      sentence: `the service ${service.name} has no deployment circuit breaker: a bad image would be restarted for ever`,
      remedy: "switch it on for the service, or set 'circuit-breaker' to 'enable'"
    }
  ]
}

function wrongPlatforms({ document, manifests }: PreflightScene): readonly Finding[] {
  // On EC2 without a runtimePlatform the instance decides, and that is not known here.
  const isFargate = asList(document['requiresCompatibilities']).includes('FARGATE')
  if (!isFargate && !isObject(document['runtimePlatform'])) return []
  const wanted = requiredPlatform(document)
  const findings: Finding[] = []
  for (const [container, manifest] of manifests) {
    if (manifest.kind !== 'index' || hasPlatform(manifest, wanted) !== false) continue
    const offered = manifest.platforms.flatMap(({ platform }) =>
      platform === undefined ? [] : formatPlatform(platform)
    )
    findings.push({
      code: 'platform-mismatch',
      severity: 'error',
      sentence:
        `the image of container ${container} has no variant for ${formatPlatform(wanted)}, which the task definition ` +
        `asks for; it has ${offered.join(', ')}`,
      remedy: "build it for that platform ('platforms'), or set runtimePlatform in the task definition"
    })
  }
  return findings
}

function noTasks({ service, desiredCount }: PreflightScene): readonly Finding[] {
  if ((desiredCount ?? service.desiredCount) > 0) return []
  return [
    {
      code: 'nothing-ran',
      severity: 'hint',
      sentence: `the desired count of ${service.name} is 0: no task will run, so nothing can be proven`,
      remedy: 'scale the service up, and deploy then'
    }
  ]
}

function noHealthCheck({ service, document }: PreflightScene): readonly Finding[] {
  const isChecked = containersOf(document).some(container => isObject(container['healthCheck']))
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

function noWayBack({ service, currentStatus }: PreflightScene): readonly Finding[] {
  if (currentStatus === 'ACTIVE') return []
  return [
    {
      code: 'task-definition-inactive',
      severity: 'warning',
      sentence: `the revision that ${service.name} runs now is ${currentStatus}: ECS may not be able to roll back to it`,
      remedy: 'do not deregister revisions that services run'
    }
  ]
}
