import { AwsError, type JsonObject } from '../../protocol/operation.ts'
import { listOf, textOf } from './json.ts'
import type { TaskDefinition } from './model.ts'

/** Refuses what a deployment configuration can ask for and this simulator does not do. */
export function refuseUnsupported(configuration: JsonObject): void {
  const strategy = textOf(configuration.strategy) ?? 'ROLLING'
  const asked = [
    strategy === 'ROLLING' ? '' : `strategy ${strategy}`,
    listOf(configuration.lifecycleHooks).length > 0 ? 'lifecycleHooks' : ''
  ].filter(name => name !== '')
  if (asked.length === 0) return
  throw new AwsError(
    'UnsupportedFeatureException',
    `This simulator does not do deployments with ${asked.join(', ')}; it does rolling deployments with a circuit breaker.`
  )
}

/** Refuses to run an awsvpc task definition nowhere. */
export function requireNetwork(definition: TaskDefinition, settings: JsonObject): void {
  if (definition.document.networkMode !== 'awsvpc' || settings.networkConfiguration !== undefined) return
  throw new AwsError(
    'InvalidParameterException',
    "Network Configuration must be provided when networkMode 'awsvpc' is specified."
  )
}

/** ECS Exec works with the rights of the task. */
export function requireTaskRole(definition: TaskDefinition): void {
  if (definition.document.taskRoleArn !== undefined) return
  throw new AwsError(
    'InvalidParameterException',
    "The service couldn't be updated because a valid taskRoleArn is not being used. Specify a valid task role in your " +
      'task definition and try again.'
  )
}
