import { describe, expect, test } from '@jest/globals'
import type { DeploymentSnapshot } from '../../../src/decide/service/snapshot.ts'
import { verdict, type Verdict } from '../../../src/decide/service/verdict.ts'
import { deployment, MINE, service, serviceDeployment } from './snapshots.ts'

/** One combination of everything that a verdict may depend on. */
interface Sight {
  readonly serviceStatus: string
  /** Status in the service deployments API; undefined when it is denied or late. */
  readonly api: string | undefined
  readonly isTripped: boolean
  readonly primary: 'none' | 'mine' | 'older' | 'older, unknown before' | 'newer'
  readonly rollout: string | undefined
  /** Mine is listed, though it is not PRIMARY. */
  readonly isListed: boolean
  readonly sawMine: boolean
  readonly sawFailing: boolean
  readonly wasReplaced: boolean
  readonly isSettledForGood: boolean
  readonly isStoppedForGood: boolean
  readonly rollsBack: boolean
}

const OPEN: readonly unknown[] = ['PENDING', 'IN_PROGRESS', 'STOP_REQUESTED']
const isOlder = ({ primary }: Sight): boolean => primary === 'older' || primary === 'older, unknown before'
const isOpen = ({ api }: Sight): boolean => OPEN.includes(api)

/** What is right, said in the order in which one thing outweighs another. */
const RIGHT: readonly (readonly [string, (sight: Sight) => boolean, Verdict['kind']])[] = [
  ['a service that takes no deployments is gone', ({ serviceStatus }) => serviceStatus !== 'ACTIVE', 'service-gone'],
  ['a success stays one', ({ api }) => api === 'SUCCESSFUL', 'completed'],
  ['so does a rollback that failed', ({ api }) => api === 'ROLLBACK_FAILED', 'rollback-failed'],
  ['back, on an older one', s => s.api === 'ROLLBACK_SUCCESSFUL' && isOlder(s), 'rolled-back'],
  ['back, and replaced since', s => s.api === 'ROLLBACK_SUCCESSFUL' && s.primary === 'newer', 'superseded'],
  ['back, and not to be seen yet', ({ api }) => api === 'ROLLBACK_SUCCESSFUL', 'failing'],
  ['on its way back', ({ api = '' }) => /^ROLLBACK_(REQUESTED|IN_PROGRESS)$/.test(api), 'failing'],
  ['a tripped breaker is the end', s => isOpen(s) && s.isTripped, 'failing'],
  ['stopped and failed', s => s.api === 'STOPPED' && s.primary === 'mine' && s.rollout === 'FAILED', 'failed'],
  [
    'stopped, and nobody’s comes after it',
    s => s.api === 'STOPPED' && s.isStoppedForGood && s.primary === 'mine' && s.rollout === 'IN_PROGRESS',
    'failed'
  ],
  ['failed, to go back', s => s.primary === 'mine' && s.rollout === 'FAILED' && s.rollsBack, 'failing'],
  ['failed, to stay', s => s.primary === 'mine' && s.rollout === 'FAILED', 'failed'],
  ['what is not over in the API is not over', isOpen, 'in-progress'],
  ['nothing is seen', ({ primary }) => primary === 'none', 'in-progress'],
  ['mine is through', s => s.primary === 'mine' && s.rollout === 'COMPLETED', 'completed'],
  [
    'mine is full, and alone, where no rollout is told',
    s => s.primary === 'mine' && s.rollout === undefined && s.isSettledForGood,
    'completed'
  ],
  ['mine goes on', ({ primary }) => primary === 'mine', 'in-progress'],
  ['somebody else’s is newer', ({ primary }) => primary === 'newer', 'superseded'],
  ['a read from before mine', s => !s.isListed && !s.sawMine && !s.sawFailing && !s.wasReplaced, 'in-progress'],
  ['stopped, and what replaced it went back', s => s.api === 'STOPPED' && !s.sawFailing, 'superseded'],
  ['what was seen to replace it went back', s => s.wasReplaced && !s.sawFailing, 'superseded'],
  ['an older one is through', ({ rollout }) => rollout === 'COMPLETED', 'rolled-back'],
  [
    'it is full, and alone, where no rollout is told',
    s => s.rollout === undefined && !s.isListed && s.isSettledForGood,
    'rolled-back'
  ],
  ['an older one failed too', ({ rollout }) => rollout === 'FAILED', 'rollback-failed'],
  ['an older one is coming back', () => true, 'failing']
]

const PRIMARY = {
  none: undefined,
  mine: { id: MINE.id, createdAt: 100 },
  older: { id: 'ecs-svc/1', createdAt: 100 },
  'older, unknown before': { id: 'ecs-svc/0', createdAt: 1 },
  newer: { id: 'ecs-svc/3', createdAt: 150 }
} as const

function judge(sight: Sight): Verdict['kind'] {
  const { api, isTripped, rollout, rollsBack, sawMine, sawFailing, wasReplaced, isSettledForGood, isStoppedForGood } =
    sight
  const primary = PRIMARY[sight.primary]
  const deployments: DeploymentSnapshot[] = []
  if (primary !== undefined) deployments.push(deployment(primary.id, { ...primary, rolloutState: rollout }))
  if (sight.isListed) deployments.push(deployment(MINE.id, { status: 'ACTIVE' }))
  const circuitBreaker = { status: isTripped ? 'TRIGGERED' : 'MONITORING', failureCount: 3, threshold: 3 }
  const seen = {
    service: service(deployments, {
      status: sight.serviceStatus,
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: rollsBack } }
    }),
    serviceDeployment: api === undefined ? undefined : serviceDeployment(api, { circuitBreaker })
  }
  return verdict(MINE, seen, { sawMine, sawFailing, wasReplaced, isSettledForGood, isStoppedForGood }).kind
}

const BOTH = [false, true]
const STATUSES = [
  undefined,
  ...OPEN,
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED'
] as readonly (string | undefined)[]

function* sights(): Generator<Sight> {
  const primaries = Object.keys(PRIMARY) as Sight['primary'][]
  for (const serviceStatus of ['ACTIVE', 'DRAINING', 'INACTIVE'])
    for (const api of STATUSES)
      for (const primary of primaries)
        for (const rollout of primary === 'none' ? [undefined] : ['IN_PROGRESS', 'COMPLETED', 'FAILED', undefined])
          for (const isListed of primary === 'mine' ? [false] : BOTH)
            for (const isTripped of BOTH)
              for (const sawMine of BOTH)
                for (const sawFailing of BOTH)
                  for (const wasReplaced of BOTH)
                    for (const rollsBack of BOTH)
                      for (const isSettledForGood of rollout === undefined ? BOTH : [false])
                        for (const isStoppedForGood of api === 'STOPPED' ? BOTH : [false]) {
                          const memory = { sawMine, sawFailing, wasReplaced, isSettledForGood, isStoppedForGood }
                          yield { serviceStatus, api, primary, rollout, isListed, isTripped, rollsBack, ...memory }
                        }
}

describe('every combination of what can be seen', () => {
  const all = [...sights()]
  const rowOf = (sight: Sight): number => RIGHT.findIndex(([, holds]) => holds(sight))

  test.each(RIGHT.map(([sentence, , kind], row) => [sentence, kind, row] as const))('%s: %s', (_, kind, row) => {
    const concerned = all.filter(sight => rowOf(sight) === row)
    expect(concerned.length).toBeGreaterThan(0)
    expect(concerned.filter(sight => judge(sight) !== kind)).toEqual([])
  })

  test('success is told of mine alone, a rollback of an older one, a replacement of a newer one', () => {
    for (const sight of all) {
      const told = judge(sight)
      const { primary, api } = sight
      if (told === 'completed') expect([api, primary]).toContain(api === 'SUCCESSFUL' ? api : 'mine')
      if (told === 'rolled-back') expect(isOlder(sight)).toBe(true)
      const wentBack = isOlder(sight) && (sight.wasReplaced || api === 'STOPPED')
      if (told === 'superseded') expect(wentBack || primary === 'newer').toBe(true)
    }
  })
})
