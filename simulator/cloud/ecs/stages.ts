import type { JsonObject } from '../../protocol/operation.ts'
import { numberOf, objectOf, objectsOf, textOf, textsOf } from './json.ts'
import { STAGE_SECONDS } from './timings.ts'

/** The stages a service deployment reports. */
export type LifecycleStage =
  | 'RECONCILE_SERVICE'
  | 'PRE_SCALE_UP'
  | 'SCALE_UP'
  | 'POST_SCALE_UP'
  | 'TEST_TRAFFIC_SHIFT'
  | 'POST_TEST_TRAFFIC_SHIFT'
  | 'PRODUCTION_TRAFFIC_SHIFT'
  | 'POST_PRODUCTION_TRAFFIC_SHIFT'
  | 'BAKE_TIME'
  | 'CLEAN_UP'

/** One step of a deployment that shifts traffic; it ends when its time is over, its hooks are done and its tasks are there. */
export interface Step {
  readonly stage: LifecycleStage
  /** The name hooks ask for it by; one stage has hooks before every shift and is never reported itself. */
  readonly hookStage: LifecycleStage | 'PRE_PRODUCTION_TRAFFIC_SHIFT'
  readonly seconds: number
  /** Percent of the test and the production traffic that the target gets from here on. */
  readonly test?: number
  readonly production?: number
}

/** A lifecycle hook as it is configured. */
export interface HookConfiguration {
  readonly targetType: 'AWS_LAMBDA' | 'PAUSE'
  readonly targetArn: string | undefined
  readonly stages: readonly string[]
  readonly timeoutMinutes: number
  readonly timeoutAction: 'CONTINUE' | 'ROLLBACK'
}

/** The steps of a deployment with this configuration; none for a rolling one. */
export function planSteps(configuration: JsonObject, reconciles: boolean): readonly Step[] {
  const strategy = textOf(configuration.strategy) ?? 'ROLLING'
  if (strategy === 'ROLLING') return []
  return [
    ...(reconciles ? [step('RECONCILE_SERVICE')] : []),
    step('PRE_SCALE_UP'),
    step('SCALE_UP'),
    step('POST_SCALE_UP'),
    { ...step('TEST_TRAFFIC_SHIFT'), test: 100 },
    step('POST_TEST_TRAFFIC_SHIFT'),
    ...shifts(strategy, configuration),
    step('POST_PRODUCTION_TRAFFIC_SHIFT'),
    step('BAKE_TIME', (numberOf(configuration.bakeTimeInMinutes) ?? 0) * 60),
    step('CLEAN_UP', 0)
  ]
}

/** The lifecycle hooks of a deployment configuration, defaults filled in. */
export function readHooks(configuration: JsonObject): readonly HookConfiguration[] {
  return objectsOf(configuration.lifecycleHooks).map(hook => {
    const timeout = objectOf(hook.timeoutConfiguration)
    return {
      targetType: textOf(hook.targetType) === 'PAUSE' ? 'PAUSE' : 'AWS_LAMBDA',
      targetArn: textOf(hook.hookTargetArn),
      stages: textsOf(hook.lifecycleStages),
      timeoutMinutes: numberOf(timeout.timeoutInMinutes) ?? 24 * 60,
      timeoutAction: textOf(timeout.action) === 'CONTINUE' ? 'CONTINUE' : 'ROLLBACK'
    }
  })
}

function step(stage: LifecycleStage, seconds = STAGE_SECONDS): Step {
  return { stage, hookStage: stage, seconds }
}

/** The shifts of production traffic; each has its hooks before it, and all but the last one are left to bake. */
function shifts(strategy: string, configuration: JsonObject): readonly Step[] {
  const { weights, bakeMinutes } = shares(strategy, configuration)
  return weights.flatMap((production, index): Step[] => [
    {
      stage: index === 0 ? 'POST_TEST_TRAFFIC_SHIFT' : 'PRODUCTION_TRAFFIC_SHIFT',
      hookStage: 'PRE_PRODUCTION_TRAFFIC_SHIFT',
      seconds: 0
    },
    { ...step('PRODUCTION_TRAFFIC_SHIFT', production < 100 ? bakeMinutes * 60 : STAGE_SECONDS), production }
  ])
}

function shares(
  strategy: string,
  configuration: JsonObject
): { readonly weights: readonly number[]; readonly bakeMinutes: number } {
  if (strategy === 'CANARY') {
    const canary = objectOf(configuration.canaryConfiguration)
    const first = numberOf(canary.canaryPercent) ?? 5
    return {
      weights: first < 100 ? [first, 100] : [100],
      bakeMinutes: numberOf(canary.canaryBakeTimeInMinutes) ?? 10
    }
  }
  if (strategy !== 'LINEAR') return { weights: [100], bakeMinutes: 0 }
  const linear = objectOf(configuration.linearConfiguration)
  const percent = numberOf(linear.stepPercent) ?? 10
  // Counted in tenths, the unit of the API, so that ten steps of 10 % are 100 % to the bit.
  const count = Math.ceil(1000 / Math.round(percent * 10))
  const weights = Array.from({ length: count }, (_, index) =>
    Math.min(100, ((index + 1) * Math.round(percent * 10)) / 10)
  )
  return { weights, bakeMinutes: numberOf(linear.stepBakeTimeInMinutes) ?? 6 }
}
