import { describe, expect, test } from '@jest/globals'
import type { InputName } from '../../src/inputs/defaults.ts'
import type { DeployInputs } from '../../src/inputs/deploy.ts'
import { environmentOf, problemsOf, readDeployInputs } from './environment.ts'

type Given = Partial<Record<InputName, string>>

const PREFIX = 'arn:aws-cn:ecs:cn-north-1:111122223333'

function read(inputs: Given): DeployInputs {
  return readDeployInputs(environmentOf({ 'task-definition': 'web.json', ...inputs }))
}

describe('inputs about the service', () => {
  test.each<[Given, object]>([
    [{ service: 'web' }, { name: 'web', cluster: 'default' }],
    [
      { service: 'web', cluster: 'prod' },
      { name: 'web', cluster: 'prod' }
    ],
    [{ service: 'prod/web' }, { name: 'web', cluster: 'prod' }],
    [
      { service: 'prod/web\n', cluster: 'prod' },
      { name: 'web', cluster: 'prod' }
    ],
    [
      { service: `${PREFIX}:service/prod/web` },
      { name: 'web', cluster: `${PREFIX}:cluster/prod`, region: 'cn-north-1' }
    ],
    [
      { service: `${PREFIX}:service/web`, cluster: 'prod' },
      { name: 'web', cluster: 'prod', region: 'cn-north-1' }
    ],
    [
      { service: 'web', cluster: `${PREFIX}:cluster/prod` },
      { name: 'web', cluster: `${PREFIX}:cluster/prod`, region: 'cn-north-1' }
    ],
    [
      { service: `${PREFIX}:service/prod/web`, cluster: 'prod' },
      { name: 'web', cluster: `${PREFIX}:cluster/prod`, region: 'cn-north-1' }
    ]
  ])('find it in %j', (inputs, place) => {
    expect(read(inputs).service).toMatchObject(place)
  })

  test('leave it out when none is named', () => {
    expect(read({ cluster: 'prod' }).service).toBeUndefined()
  })

  test('hold what was asked for and no other member', () => {
    const changes = read({ service: 'web', 'desired-count': '0', 'circuit-breaker': 'require' }).service?.changes
    expect(changes).toEqual({ circuitBreaker: 'require', forceNewDeployment: false, desiredCount: 0 })
    const all = { 'propagate-tags': 'NONE', 'enable-ecs-managed-tags': 'false', 'force-new-deployment': 'true' }
    expect(read({ service: 'web', ...all }).service?.changes).toEqual({
      circuitBreaker: 'enable',
      forceNewDeployment: true,
      propagateTags: 'NONE',
      enableEcsManagedTags: false
    })
  })

  test.each<[Given, object]>([
    [
      { 'wait-for-minutes': '0.5', 'poll-seconds': '0.05' },
      { budgetMs: 30_000, pollMs: 50 }
    ],
    [{ 'wait-for-minutes': '1440', 'poll-seconds': '20', 'wait-max-delay-seconds': '15' }, { pollMs: 15_000 }],
    [{ 'wait-max-delay-seconds': '600' }, { pollMs: 3_000 }],
    [{ 'wait-for-service-stability': 'false' }, { isWanted: false }]
  ])('say how to watch: %j', (inputs, watch) => {
    expect(read({ service: 'web', ...inputs }).watch).toMatchObject(watch)
  })

  test.each<[Given, string]>([
    [
      { service: 'web\nworker' },
      "input service names 2 services ('web', 'worker'); exactly one can be deployed in a run"
    ],
    [
      { service: 'wéb' },
      "input service: 'wéb' is no service; write name, cluster/name, or arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME"
    ],
    [
      { service: 'arn:aws:ecs:eu-west-1:12:service/prod/web' },
      "input service: 'arn:aws:ecs:eu-west-1:12:service/prod/web' is no service; " +
        'write name, cluster/name, or arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME'
    ],
    [
      { service: 'web', cluster: 'a b' },
      "input cluster: 'a b' is no cluster; write a name of letters, digits, _ and -, or arn:aws:ecs:REGION:ACCOUNT:cluster/NAME"
    ],
    [{ service: 'prod/web', cluster: 'stage' }, "input service is in the cluster 'prod', but cluster is 'stage'"],
    [
      { service: `${PREFIX}:service/prod/web`, cluster: 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod' },
      `input service is in the cluster '${PREFIX}:cluster/prod', but cluster is 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod'`
    ],
    [
      { service: 'web', 'desired-count': '-1' },
      "input desired-count is '-1'; write a whole number from 0 to 2147483647"
    ],
    [{ service: 'web', 'wait-for-minutes': '0' }, "input wait-for-minutes is '0'; write a number from 0.001 to 1440"],
    [
      { service: 'web', 'wait-for-minutes': '1440.5' },
      "input wait-for-minutes is '1440.5'; write a number from 0.001 to 1440"
    ],
    [
      { service: 'web', 'auto-scaling': 'suspended' },
      "input auto-scaling is 'suspended' (did you mean 'suspend'?); allowed: keep, suspend"
    ],
    [{ 'auto-scaling': 'suspend' }, "input auto-scaling is 'suspend', but no service is named; give service too"],
    [{ 'desired-count': '2' }, "input desired-count is '2', but no service is named; give service too"],
    [
      { service: 'web', 'wait-for-service-stability': 'false', 'require-proof': 'true' },
      'input require-proof is true, but nothing is proven with wait-for-service-stability: false'
    ],
    [
      { service: 'web', 'wait-for-service-stability': 'false', 'auto-scaling': 'suspend' },
      "input auto-scaling is 'suspend', but with wait-for-service-stability: false the run ends before it could be put back"
    ]
  ])('refuse %j', (inputs, sentence) => {
    expect(problemsOf(() => read(inputs))).toEqual([sentence])
  })
})
