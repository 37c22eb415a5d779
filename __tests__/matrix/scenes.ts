import { FOREIGN, shop, WEB } from '../action/shop.ts'
import { history } from './history.ts'
import type { Ends, Scene } from './scene.ts'

/** Few pauses, so that most calls are of different kinds. */
const PATIENT = { ...WEB, 'poll-seconds': '45' }
const BREAKER_OFF = { circuitBreaker: { enable: false, rollback: false } }
const CRASHING = { tags: ['main-3333333'], behaviour: { crash: { exitCode: 1, afterSeconds: 2 } } } as const
const TARGET = { cluster: 'prod', service: 'web', min: 1, max: 4, suspended: { dynamicScalingOut: true } }
const HAND_MADE = { tags: ['hand-made'] }
const DENIED = { error: 'AccessDeniedException', message: 'not authorized', times: 'always' } as const

const DEPLOYED: Ends = {
  first: 'succeeded',
  again: ['succeeded', 'unchanged'],
  tags: {},
  runs: 'new',
  image: 'web:main-2222222'
}
const BROKEN: Ends = { first: 'rolled-back', again: ['rolled-back'], tags: {}, runs: 'old', image: 'web:main-3333333' }

/** Differs from others only when it is cancelled. */
export const CANCELLED: readonly Scene[] = [
  {
    name: 'with a way back',
    world: shop({ scalableTargets: [TARGET] }),
    inputs: { ...PATIENT, 'auto-scaling': 'suspend', 'on-cancel': 'rollback' },
    commit: 2,
    ends: DEPLOYED
  }
]

/** Jobs of mode `deploy` that find their image, with everything that calls somebody. */
export const SCENES: readonly Scene[] = [
  { name: 'deploy', world: shop(), inputs: PATIENT, commit: 2, ends: DEPLOYED },
  {
    name: 'tags to put',
    world: shop({ images: [HAND_MADE], mutability: 'MUTABLE' }),
    inputs: { ...PATIENT, image: 'hand-made', version: '1.4.2', pin: 'digest' },
    commit: 4,
    ends: {
      ...DEPLOYED,
      tags: { 'web:main-4444444': 'hand-made', 'web:1.4.2': 'hand-made' },
      image: 'web:hand-made'
    }
  },
  {
    name: 'guarded tags and a marker',
    world: shop({ images: [HAND_MADE], mutability: 'MUTABLE' }),
    inputs: {
      ...PATIENT,
      image: 'hand-made',
      'tag-immutability': 'enforce',
      'marker-tag': 'prod-current',
      scan: 'wait'
    },
    commit: 4,
    ends: {
      ...DEPLOYED,
      tags: { 'web:main-4444444': 'hand-made' },
      markers: { 'web:prod-current': 'hand-made' },
      image: 'web:hand-made'
    }
  },
  {
    name: 'auto scaling suspended',
    world: shop({ scalableTargets: [TARGET] }),
    inputs: { ...PATIENT, 'auto-scaling': 'suspend' },
    commit: 2,
    ends: DEPLOYED
  },
  {
    name: 'auto scaling suspended, and reads lag behind',
    world: { ...shop({ scalableTargets: [TARGET] }), lag: { scalableTargetSeconds: 8 } },
    inputs: { ...PATIENT, 'auto-scaling': 'suspend' },
    commit: 2,
    ends: DEPLOYED
  },
  {
    name: 'auto scaling suspended, and the update is refused',
    world: shop({ scalableTargets: [TARGET] }),
    faults: [{ operation: 'ecs:UpdateService', ...DENIED }],
    inputs: { ...PATIENT, 'auto-scaling': 'suspend' },
    commit: 2,
    ends: { ...DEPLOYED, first: 'rejected', again: ['rejected'], runs: 'old' }
  },
  {
    name: 'rolled back by ECS when we ask',
    world: shop({ images: [FOREIGN], service: BREAKER_OFF, scalableTargets: [TARGET] }),
    inputs: { ...PATIENT, 'circuit-breaker': 'ignore', 'auto-scaling': 'suspend' },
    commit: 3,
    ends: BROKEN
  },
  {
    name: 'rolled back by deploying the previous revision',
    world: shop({ images: [CRASHING], service: BREAKER_OFF }),
    inputs: { ...PATIENT, 'circuit-breaker': 'ignore', 'poll-seconds': '60', 'wait-for-minutes': '4' },
    commit: 3,
    faults: [{ operation: 'ecs:StopServiceDeployment', ...DENIED }],
    ends: BROKEN
  },
  {
    name: 'rolled back by the circuit breaker',
    world: shop({ images: [CRASHING] }),
    inputs: { ...PATIENT, 'on-failure': 'leave' },
    commit: 3,
    ends: BROKEN
  },
  {
    name: 'behind another deployment',
    world: shop({ images: [{ tags: ['other'] }] }),
    inputs: PATIENT,
    commit: 2,
    before: { deploy: { ...WEB, image: 'web:other' } },
    ends: DEPLOYED
  },
  {
    name: 'the next version',
    world: shop({ images: [HAND_MADE, { tags: ['1.4.2', 'main-aaaaaaa'] }] }),
    inputs: { ...PATIENT, image: 'hand-made', version: 'auto' },
    commit: 4,
    git: history({ commits: ['feat: more', 'fix: less'], tagged: '1.4.2', head: '4'.repeat(40) }),
    ends: {
      ...DEPLOYED,
      tags: { 'web:main-4444444': 'hand-made', 'web:1.5.0': 'hand-made' },
      image: 'web:hand-made'
    }
  },
  {
    name: 'no service',
    world: shop({ images: [HAND_MADE] }),
    inputs: { image: 'hand-made', 'task-definition': 'web' },
    commit: 4,
    ends: {
      first: 'registered',
      again: ['registered'],
      tags: { 'web:main-4444444': 'hand-made' },
      runs: 'old',
      image: 'web:hand-made'
    }
  },
  {
    name: 'dry run',
    world: shop({ images: [HAND_MADE], scalableTargets: [TARGET] }),
    inputs: { ...PATIENT, image: 'hand-made', 'auto-scaling': 'suspend', 'dry-run': 'true' },
    commit: 4,
    ends: { first: 'planned', again: ['planned'], tags: {}, runs: 'old', image: 'web:hand-made' }
  }
]
