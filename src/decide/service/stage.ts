import type { ServiceDeploymentSnapshot } from './snapshot.ts'
import { isOver, isRollingBack } from './status.ts'

/** The new tasks get all the traffic and are watched for the bake time. */
export function isBakeStage(stage: string | undefined): boolean {
  return stage === 'BAKE_TIME'
}

/** The new tasks are being started; before and after that the old ones stay on purpose. */
export function isScaleUpStage(stage: string | undefined): boolean {
  return stage === 'SCALE_UP'
}

/**
 * Where a blue/green, linear or canary deployment is, with the traffic that its new tasks (green) get; undefined for a
 * rolling one, and for one that is over. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
 */
export function describeStage({ status, lifecycleStage, traffic }: ServiceDeploymentSnapshot): string | undefined {
  // The stage and the weights of a deployment that is over stay listed, and are nobody's any more.
  if (lifecycleStage === undefined || isOver(status)) return undefined
  const production = green(traffic.production)
  if (isRollingBack(status)) return `going back to the old tasks${production}`
  switch (lifecycleStage) {
    case 'RECONCILE_SERVICE':
      return 'settling what earlier deployments left'
    case 'PRE_SCALE_UP':
      return 'about to start the new tasks'
    case 'SCALE_UP':
      return 'starting the new tasks'
    case 'POST_SCALE_UP':
      return 'new tasks are up, no traffic yet'
    case 'TEST_TRAFFIC_SHIFT':
      return `shifting test traffic${green(traffic.test)}`
    case 'POST_TEST_TRAFFIC_SHIFT':
      return `test traffic is shifted${green(traffic.test)}`
    case 'PRE_PRODUCTION_TRAFFIC_SHIFT':
      return `about to shift production traffic${production}`
    case 'PRODUCTION_TRAFFIC_SHIFT':
      return `shifting production traffic${production}`
    case 'POST_PRODUCTION_TRAFFIC_SHIFT':
      return `production traffic is shifted${production}`
    case 'BAKE_TIME':
      return `baking${production}`
    case 'CLEAN_UP':
      return `removing the old tasks${production}`
    default:
      return `stage ${lifecycleStage}${production}`
  }
}

function green(weight: number | undefined): string {
  return weight === undefined ? '' : `: green ${String(weight)} %`
}
