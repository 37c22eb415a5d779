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
