import type { JsonObject } from '../../json.ts'
import type { ServiceSnapshot } from '../snapshot.ts'
import { ranked, type Finding } from './finding.ts'
import { breakerOff, deadlock, noTasks } from './rollout.ts'
import { noExecutionRole, noHealthCheck, shortGracePeriod } from './task.ts'

/** What is known of a deployment before its image is, and without asking AWS for more. */
export interface PreflightScene {
  readonly service: ServiceSnapshot
  /** The revision that is to be deployed; its images may still be placeholders. */
  readonly document: JsonObject
  /** The desired count that the deployment asks for, when it asks for one. */
  readonly desiredCount: number | undefined
  readonly circuitBreaker: 'enable' | 'require' | 'ignore'
}

/** All findings at once, errors first, so that one run shows everything there is to mend. */
export function preflight(scene: PreflightScene): readonly Finding[] {
  return ranked([
    ...deadlock(scene.service, scene.desiredCount),
    ...breakerOff(scene.service, scene.circuitBreaker),
    ...noExecutionRole(scene.document),
    ...shortGracePeriod(scene.service, scene.document),
    ...noTasks(scene.service, scene.desiredCount),
    ...noHealthCheck(scene.service, scene.document)
  ])
}
