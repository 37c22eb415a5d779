import { AwsError, type JsonObject } from '../../protocol/operation.ts'
import { flagOf, numberOf, objectOf, textOf } from './json.ts'
import type { TaskDefinition } from './model.ts'
import { readHooks } from './stages.ts'

const NO_PAUSE_STAGES = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT']

/** Refuses members of a deployment configuration that contradict each other; the wording is the simulator's own. */
export function refuseConfiguration(configuration: JsonObject): void {
  const strategy = textOf(configuration.strategy) ?? 'ROLLING'
  const early = objectOf(configuration.earlySuccessCriteria)
  const hooks = readHooks(configuration)
  const contradictions: readonly (readonly [boolean, string])[] = [
    [strategy !== 'LINEAR' && configuration.linearConfiguration !== undefined, 'linearConfiguration needs LINEAR'],
    [strategy !== 'CANARY' && configuration.canaryConfiguration !== undefined, 'canaryConfiguration needs CANARY'],
    [strategy !== 'ROLLING' && flagOf(early.enable) === true, 'earlySuccessCriteria needs ROLLING'],
    [
      flagOf(early.enable) === true &&
        (numberOf(early.healthyPercent) ?? 100) < (numberOf(configuration.minimumHealthyPercent) ?? 0),
      'healthyPercent must not be below minimumHealthyPercent'
    ],
    [strategy === 'ROLLING' && hooks.length > 0, 'lifecycleHooks need BLUE_GREEN, LINEAR or CANARY'],
    [
      hooks.some(
        ({ targetType, stages }) => targetType === 'PAUSE' && stages.some(stage => NO_PAUSE_STAGES.includes(stage))
      ),
      'PAUSE hooks cannot be configured at TEST_TRAFFIC_SHIFT or PRODUCTION_TRAFFIC_SHIFT'
    ],
    [
      hooks.some(({ targetType, targetArn }) => targetType === 'AWS_LAMBDA' && targetArn === undefined),
      'AWS_LAMBDA hooks need a hookTargetArn'
    ]
  ]
  for (const [holds, sentence] of contradictions) {
    if (holds) throw new AwsError('InvalidParameterException', `Invalid deployment configuration: ${sentence}.`)
  }
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
