import type { Behaviour } from '../simulator/cloud/images.ts'
import type { WorldService } from '../simulator/cloud/world.ts'
import type { Change } from '../simulator/control/change.ts'
import type { World } from '../simulator/cloud/world.ts'
import { TARGET } from './cloud.ts'

/** A deployment whose end is known, and by what it is decided. */
export interface Scene {
  readonly title: string
  readonly world: World
  /** What somebody else does, in simulated seconds after UpdateService. */
  readonly meanwhile: readonly { readonly atSeconds: number; readonly change: Change }[]
  /** The moment from which the end is certain. */
  readonly evidence: 'terminal state' | 'third failed task' | 'verdict'
}

const WEB = { cluster: TARGET.cluster, service: TARGET.service }
const CRASH: Behaviour = { crash: { exitCode: 1, afterSeconds: 5 } }

interface Cast {
  readonly behaviour?: Behaviour
  readonly service?: Partial<WorldService>
  readonly drainSeconds?: number
}

/** `phase`, from 0 to 1, shifts everything by a part of a poll, so that many runs meet every phase. */
function world({ behaviour = 'healthy', service, drainSeconds = 50 }: Cast, phase: number): World {
  return {
    region: 'us-east-1',
    timings: { drainSeconds, pullSeconds: 15 + 3 * phase, pullFailureSeconds: 75 + 3 * phase },
    repositories: [
      {
        name: 'web',
        imageTagMutability: 'IMMUTABLE',
        images: [{ tags: ['main-1111111'] }, { tags: [TARGET.tag], behaviour }, { tags: ['other'] }]
      }
    ],
    clusters: [
      {
        name: TARGET.cluster,
        services: [
          {
            name: TARGET.service,
            image: 'web:main-1111111',
            desiredCount: 4,
            loadBalanced: true,
            circuitBreaker: { enable: true, rollback: true },
            ...service
          }
        ]
      }
    ]
  }
}

const NO_BREAKER = { circuitBreaker: { enable: false, rollback: false } }
const NO_ROLLBACK = { circuitBreaker: { enable: true, rollback: false } }

/** A rollout that ends well; a slow one takes ten minutes. */
export function goodRollout(phase: number, drainSeconds?: number): Scene {
  const cast = drainSeconds === undefined ? {} : { drainSeconds }
  return { title: 'rollout', world: world(cast, phase), meanwhile: [], evidence: 'terminal state' }
}

/** Deployments that cannot end well. */
export function doomedScenes(phase: number): readonly Scene[] {
  const gone = { deleteImage: { repository: 'web', tag: TARGET.tag } }
  return [
    {
      title: 'missing image, no breaker',
      // It was there when the deployment began: this action refuses an image that is missing before that.
      world: world({ service: NO_BREAKER }, phase),
      meanwhile: [{ atSeconds: 1 + 3 * phase, change: gone }],
      evidence: 'third failed task'
    },
    {
      title: 'crash loop, breaker',
      world: world({ behaviour: CRASH }, phase),
      meanwhile: [],
      evidence: 'verdict'
    },
    {
      title: 'breaker without rollback',
      world: world({ behaviour: CRASH, service: NO_ROLLBACK }, phase),
      meanwhile: [],
      evidence: 'verdict'
    },
    {
      title: 'superseded',
      world: world({}, phase),
      meanwhile: [{ atSeconds: 40 + 3 * phase, change: { deploy: { ...WEB, image: 'web:other' } } }],
      evidence: 'verdict'
    }
  ]
}
