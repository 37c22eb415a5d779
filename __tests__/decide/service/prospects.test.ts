import { describe, expect, test } from '@jest/globals'
import { readProspects } from '../../../src/decide/service/prospects.ts'
import type { DeploymentSnapshot, ServiceEvent, TaskSnapshot } from '../../../src/decide/service/snapshot.ts'
import { container, event, stopped } from './diagnosis/tasks.ts'
import { deployment } from './snapshots.ts'

const ID = 'ecs-svc/2'
const NO_SECRET = {
  stoppedReason:
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:1:secret:db from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret."
}
const NO_IMAGE = {
  stoppedReason:
    'CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref 1.dkr.ecr.eu-west-1.amazonaws.com/web:2: not found'
}
const NO_ADDRESS = {
  stoppedReason:
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-1': InsufficientFreeAddressesInSubnet"
}
const RATE_LIMIT = {
  stoppedReason:
    'CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.'
}
const SPOT = { stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.', startedAt: 1 }
const ENTRYPOINT = {
  stoppedReason: 'Task failed to start',
  containers: [
    container({
      reason:
        'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH'
    })
  ]
}
const CRASH = {
  stopCode: 'EssentialContainerExited',
  stoppedReason: 'Essential container in task exited',
  startedAt: 1,
  containers: [container({ exitCode: 1 })]
}
const SCALED_IN = {
  stopCode: 'ServiceSchedulerInitiated',
  stoppedReason: `Scaling activity initiated by (deployment ${ID})`
}

const NO_ROLE = {
  stoppedReason:
    "ECS was unable to assume the role 'arn:aws:iam::1:role/exec' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
}
const NO_PULL = {
  stoppedReason:
    'CannotPullContainerError: The task can\u2019t pull the image. Check that the role has the permissions to pull images from the registry.'
}
const NO_SECRET_RIGHT = {
  stoppedReason:
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:1:secret:db from secrets manager: operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, RequestID: 1, api error AccessDeniedException: User: arn:aws:sts::1:assumed-role/exec/1 is not authorized to perform: secretsmanager:GetSecretValue'
}

type Kind = Partial<TaskSnapshot>

function decide(
  kinds: readonly Kind[],
  own: Partial<DeploymentSnapshot> = {},
  events: readonly ServiceEvent[] = []
): string {
  const tasks = kinds.map((kind, index) => stopped(`t${String(index)}`, kind))
  const symptoms = { stopped: tasks, events, essential: ['web'] }
  const prospects = readProspects(deployment(ID, { runningCount: 0, pendingCount: 1, ...own }), symptoms)
  return prospects.kind === 'hopeless' ? `${prospects.kind}: ${prospects.diagnosis.code}` : prospects.kind
}

describe('a deployment in progress is hopeless', () => {
  test.each<[string, readonly Kind[], string]>([
    ['a secret that is not there', [NO_SECRET, NO_SECRET, NO_SECRET], 'secret-unavailable'],
    ['an image that is not there', [NO_IMAGE, NO_IMAGE, NO_IMAGE, NO_IMAGE], 'image-not-found'],
    ['a command that is not in the image', [ENTRYPOINT, ENTRYPOINT, ENTRYPOINT], 'bad-entrypoint'],
    [
      'the same, and tasks that were scaled in before they ran',
      [NO_IMAGE, SCALED_IN, NO_IMAGE, NO_IMAGE],
      'image-not-found'
    ]
  ])('because of %s', (_, kinds, code) => {
    expect(decide(kinds)).toBe(`hopeless: ${code}`)
  })

  test('behind a load balancer that hides the rollout state', () => {
    expect(decide([NO_IMAGE, NO_IMAGE, NO_IMAGE], { rolloutState: undefined })).toBe('hopeless: image-not-found')
  })

  test('and says so as the diagnosis does', () => {
    const tasks = ['1', '2', '3'].map(id => stopped(id, NO_SECRET))
    const symptoms = { stopped: tasks, events: [], essential: [] }
    expect(readProspects(deployment(ID, { runningCount: 0 }), symptoms)).toMatchObject({
      kind: 'hopeless',
      diagnosis: { sentence: expect.stringMatching(/^3 of 3 tasks: /), heals: 'no' }
    })
  })
})

describe('what is still starting', () => {
  const alive = (createdAt: number, startedAt?: number): TaskSnapshot =>
    stopped('alive', { lastStatus: 'PENDING', stopCode: undefined, createdAt, startedAt })

  /** Whether a deployment is given up whose tasks failed, each from when to when, and one is like this. */
  function isGivenUp(kind: Kind, spans: readonly (readonly [number, number])[], other?: TaskSnapshot): boolean {
    const tasks = spans.map(([createdAt, endedAt], n) => stopped(String(n), { ...kind, createdAt, endedAt }))
    const prospects = readProspects(deployment(ID, { runningCount: 0 }), { stopped: tasks, events: [], essential: [] })
    return prospects.kind === 'hopeless' && (other === undefined || !prospects.isUntried(other))
  }
  const SIDE_BY_SIDE = [
    [0, 60],
    [0, 61],
    [0, 62]
  ] as const

  test('keeps the hope alive when it was started beside those that failed', () => {
    expect(isGivenUp(NO_IMAGE, SIDE_BY_SIDE)).toBe(true)
    expect(isGivenUp(NO_IMAGE, SIDE_BY_SIDE, alive(0))).toBe(false)
    expect(isGivenUp(NO_IMAGE, SIDE_BY_SIDE, alive(30))).toBe(false)
  })

  test('does not when it was started after them, as in every crash loop', () => {
    expect(isGivenUp(NO_IMAGE, SIDE_BY_SIDE, alive(63))).toBe(true)
    expect(isGivenUp(NO_IMAGE, [...SIDE_BY_SIDE, [70, 200]], alive(80))).toBe(true)
  })

  test('does when it runs', () => {
    expect(isGivenUp(NO_IMAGE, SIDE_BY_SIDE, alive(63, 70))).toBe(false)
  })

  test.each([
    ['a role', NO_ROLE],
    ['a pull', NO_PULL],
    ['a secret', NO_SECRET_RIGHT]
  ])('or not, %s that is refused is tried a second time, for the right may be new', (_, kind) => {
    expect(isGivenUp(kind, SIDE_BY_SIDE)).toBe(false)
    expect(isGivenUp(kind, [...SIDE_BY_SIDE, [61.5, 63]])).toBe(true)
    expect(isGivenUp(kind, [...SIDE_BY_SIDE, [90, 120]], alive(91))).toBe(false)
    expect(isGivenUp(kind, [...SIDE_BY_SIDE, [90, 120]], alive(121))).toBe(true)
  })
})

describe('there is hope for good', () => {
  test.each<[string, readonly Kind[]]>([
    ['causes that heal', [NO_ADDRESS, NO_ADDRESS, NO_ADDRESS]],
    ['a rate limit', [RATE_LIMIT, RATE_LIMIT, RATE_LIMIT]],
    ['Spot capacity that was taken back', [SPOT, SPOT, SPOT]],
    ['crashes, which another database may mend', [CRASH, CRASH, CRASH, CRASH]],
    ['two classes that do not heal', [NO_SECRET, NO_SECRET, NO_IMAGE]],
    ['one that heals among those that do not', [NO_SECRET, NO_SECRET, NO_SECRET, NO_ADDRESS]],
    ['a task that ran until it was not needed', [NO_IMAGE, NO_IMAGE, NO_IMAGE, { ...SCALED_IN, startedAt: 1 }]],
    ['a task that was healthy', [{ ...SCALED_IN, healthStatus: 'HEALTHY' }]]
  ])('with %s', (_, kinds) => {
    expect(decide(kinds)).toBe('hopeful')
  })
})

describe('nobody can tell yet', () => {
  test.each<[string, readonly Kind[]]>([
    ['nothing failed', []],
    ['two failures', [NO_SECRET, NO_SECRET]],
    ['ordinary stops before anything ran', [SCALED_IN, SCALED_IN, SCALED_IN]]
  ])('with %s', (_, kinds) => {
    expect(decide(kinds)).toBe('open')
  })

  test.each<[string, Partial<DeploymentSnapshot>]>([
    ['a task of it runs', { runningCount: 1 }],
    ['it was replaced', { status: 'ACTIVE' }],
    ['it failed already', { rolloutState: 'FAILED' }],
    ['it is through', { rolloutState: 'COMPLETED' }]
  ])('when %s', (_, own) => {
    expect(decide([NO_SECRET, NO_SECRET, NO_SECRET], own)).toBe('open')
  })

  test('when only events complain', () => {
    const { stoppedReason } = NO_IMAGE
    const events = [1, 2, 3].map(() => event(`(service web) was unable to place a task. Reason: ${stoppedReason}.`))
    expect(decide([], {}, events)).toBe('open')
  })
})
