import { describe, expect, test } from '@jest/globals'
import type { World } from '../../../simulator/cloud/world.ts'
import { parseWorld } from '../../../simulator/control/world.ts'

const SHA = 'a'.repeat(40)

const EVERYTHING: World = {
  account: '111122223333',
  region: 'us-gov-west-1',
  repositories: [
    {
      name: 'team/web',
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      exclusionFilters: ['dev-*', { filterType: 'WILDCARD', filter: 'latest' }],
      images: [
        { tags: ['1.0.0'], platforms: ['linux/amd64', 'linux/arm64/v8'], behaviour: 'healthy', labels: { a: '' } },
        { tags: [], behaviour: { crash: { exitCode: 1, afterSeconds: 0.5 }, logs: ['', 'boom'] } },
        { tags: ['b'], behaviour: { unhealthy: {} } },
        { tags: ['c'], behaviour: { stop: { stopCode: 'TaskFailedToStart', reason: 'x' } } },
        { tags: ['d'], behaviour: { failFirst: 2 } },
        { tags: ['e'], behaviour: 'outOfMemory' }
      ]
    }
  ],
  clusters: [
    {
      name: 'prod',
      services: [
        {
          name: 'web',
          desiredCount: 0,
          image: 'team/web:1.0.0',
          taskDefinition: { family: 'web', containerDefinitions: [] },
          loadBalanced: true,
          healthCheckGracePeriodSeconds: 0,
          minimumHealthyPercent: 100,
          maximumPercent: 200,
          circuitBreaker: { enable: true, rollback: false },
          deploymentController: 'ECS',
          strategy: 'ROLLING'
        }
      ]
    }
  ],
  scalableTargets: [{ cluster: 'prod', service: 'web', min: 0, max: 4, suspended: { scheduledScaling: true } }],
  timings: { pullSeconds: 0, schedulerSeconds: 1 },
  lag: { staleReadSeconds: 2 },
  limits: { throttling: false },
  registryHost: '111122223333.dkr.ecr.us-gov-west-1.amazonaws.com',
  imageDigest: 'index',
  newMembers: ['ecs:RegisterTaskDefinition.containerDefinitions.*.futureField'],
  github: {
    repositories: [{ name: 'octo/app', commits: [{ sha: SHA, parents: [] }], branches: { main: SHA }, issues: [7] }]
  }
}

test('a world with everything is taken as it is', () => {
  expect(parseWorld(EVERYTHING)).toEqual(EVERYTHING)
  expect(parseWorld({})).toEqual({})
})

/** A world with one service that has this besides. */
function service(members: object): unknown {
  return { clusters: [{ name: 'c', services: [{ name: 's', ...members }] }] }
}

/** A world with one image that behaves so. */
function behaviour(value: unknown): unknown {
  return { repositories: [{ name: 'r', images: [{ tags: ['t'], behaviour: value }] }] }
}

describe('what cannot be taken is named by its path', () => {
  test.each<[unknown, string]>([
    [[], 'world: expected an object, got []'],
    [{ cluster: [] }, 'world.cluster is not known; known are account, region, repositories, clusters'],
    [{ account: 123 }, 'world.account: expected a non-empty string, got 123'],
    [{ account: '12' }, 'world.account: expected a string like /^\\d{12}$/, got "12"'],
    [{ clusters: {} }, 'world.clusters: expected a list, got {}'],
    [{ clusters: [{}] }, 'world.clusters[0].name is missing'],
    [
      service({ desiredCount: '2' }),
      'world.clusters[0].services[0].desiredCount: expected a whole number of at least 0, got "2"'
    ],
    [service({ desiredCount: -1 }), 'world.clusters[0].services[0].desiredCount: expected a whole number'],
    [service({ loadBalanced: 'yes' }), 'world.clusters[0].services[0].loadBalanced: expected true or false, got "yes"'],
    [service({ circuitBreaker: { enable: true } }), 'world.clusters[0].services[0].circuitBreaker.rollback is missing'],
    [
      service({ strategy: 'FAST' }),
      'services[0].strategy: expected "ROLLING" or "BLUE_GREEN" or "LINEAR" or "CANARY", got "FAST"'
    ],
    [behaviour('sick'), 'images[0].behaviour: expected "healthy" or "neverHealthy" or "outOfMemory", got "sick"'],
    [behaviour({ crash: { exitCode: 1 } }), 'behaviour.crash.afterSeconds is missing'],
    [behaviour({ crashes: 1 }), 'behaviour.crashes is not known'],
    [behaviour({ failFirst: 0 }), 'behaviour.failFirst: expected a whole number of at least 1, got 0'],
    [{ repositories: [{ name: 'r', exclusionFilters: [1] }] }, 'exclusionFilters[0]: expected an object, got 1'],
    [{ timings: { schedulerSeconds: 0 } }, 'world.timings.schedulerSeconds: expected a number of at least 0.1, got 0'],
    [{ timings: { pullSeconds: null } }, 'world.timings.pullSeconds: expected a number of at least 0, got null'],
    [{ newMembers: ['futureField'] }, 'world.newMembers[0]: expected a string like'],
    [{ clusters: [{ name: 'a' }, { name: 'a' }] }, 'world.clusters: expected names that differ, got "a"'],
    [
      { clusters: [{ name: 'c', services: [{ name: 's' }, { name: 's' }] }] },
      'services of cluster c: expected names that differ'
    ]
  ])('%j', (world, message) => {
    expect(() => parseWorld(world)).toThrow(message)
  })
})
