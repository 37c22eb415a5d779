import { createEcr, type Ecr } from './cloud/ecr/ecr.ts'
import { createEcs, type Ecs } from './cloud/ecs/ecs.ts'
import { createScaling, type Scaling } from './cloud/scaling/scaling.ts'
import type { Timeline } from './cloud/timeline.ts'
import type { World } from './cloud/world.ts'
import { cloudwatchProtocol } from './protocol/cloudwatch.ts'
import { ecrProtocol } from './protocol/ecr/ecr.ts'
import { ecsProtocol } from './protocol/ecs/ecs.ts'
import { logsProtocol } from './protocol/logs.ts'
import type { ServiceProtocol } from './protocol/operation.ts'
import { scalingProtocol } from './protocol/scaling.ts'

/** Everything an account has in one region. */
export interface Cloud {
  readonly ecs: Ecs
  readonly ecr: Ecr
  readonly scaling: Scaling
  readonly services: readonly ServiceProtocol[]
}

export interface CloudOptions {
  readonly world: World
  readonly account: string
  readonly region: string
  readonly timeline: Timeline
  readonly registryHost: string
}

/** Builds the services of a region from a world; throws when the world asks for what is not simulated. */
export function createCloud(options: CloudOptions): Cloud {
  const ecr = createEcr(options)
  try {
    const ecs = createEcs({ ...options, images: ecr })
    const scaling = createScaling({ ...options, ecs })
    const services = [
      ecsProtocol(ecs),
      ecrProtocol(ecr),
      scalingProtocol(scaling),
      logsProtocol(ecs.logs),
      cloudwatchProtocol(ecs.engine)
    ]
    return { ecs, ecr, scaling, services }
  } catch (error) {
    ecr.close()
    throw error
  }
}
