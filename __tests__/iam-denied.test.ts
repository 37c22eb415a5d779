import { describe, expect, test } from '@jest/globals'
import type { ShopChanges } from './action/shop.ts'
import { deployVirtually, type Told } from './action/virtual-run.ts'
import { actionsOf, readStatements } from './support/iam.ts'
import { DEPLOYMENT, shopWith } from './support/iam-scenarios.ts'

const ROLE = 'User: arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions is not authorized to perform:'
const ACCOUNT = 'eu-west-1:123456789012'

interface Denied {
  /** The call that AWS refuses. */
  readonly call: string
  /** What AWS says is missing, when it is another right. */
  readonly right?: string
  /** As AWS names it. */
  readonly on: string
  /** The resource of the statement, when the one that AWS names is another one the next time. */
  readonly grants?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly shop?: ShopChanges
  readonly outcome: string
  /** What goes before AWS's sentence: what the run does without. */
  readonly says?: string
}

const WEB = `arn:aws:ecr:${ACCOUNT}:repository/web`
const SERVICE = `arn:aws:ecs:${ACCOUNT}:service/prod/web`
const CRASHING = { sha: '3'.repeat(40) }
const PARKED = { service: { circuitBreaker: { enable: false, rollback: false } } }
const WATCHED = {
  service: { deploymentConfiguration: { alarms: { enable: true, rollback: true, alarmNames: ['errors'] } } },
  alarms: [{ name: 'errors', state: 'OK' }]
} as const

/** Without these nothing is deployed, or nothing proven. */
const NEEDED: readonly Denied[] = [
  { call: 'ecs:DescribeServices', on: SERVICE, outcome: 'rejected' },
  { call: 'ecs:DescribeTaskDefinition', on: '*', outcome: 'rejected' },
  { call: 'ecr:BatchGetImage', on: WEB, outcome: 'rejected' },
  { call: 'ecr:PutImage', on: WEB, inputs: { image: 'hand-made', sha: '4'.repeat(40) }, outcome: 'rejected' },
  { call: 'ecr:ListImages', on: WEB, inputs: { version: 'highest' }, outcome: 'rejected' },
  { call: 'ecr:DescribeImageScanFindings', on: WEB, inputs: { scan: 'wait' }, outcome: 'rejected' },
  { call: 'ecs:RegisterTaskDefinition', on: '*', outcome: 'rejected' },
  {
    call: 'ecs:RegisterTaskDefinition',
    right: 'iam:PassRole',
    on: 'arn:aws:iam::123456789012:role/web-task',
    outcome: 'rejected'
  },
  { call: 'ecs:UpdateService', on: SERVICE, outcome: 'rejected' },
  {
    call: 'application-autoscaling:DescribeScalableTargets',
    on: '*',
    inputs: { 'auto-scaling': 'suspend' },
    outcome: 'rejected'
  },
  {
    call: 'application-autoscaling:RegisterScalableTarget',
    on: `arn:aws:application-autoscaling:${ACCOUNT}:scalable-target/0a1b`,
    inputs: { 'auto-scaling': 'suspend' },
    outcome: 'rejected'
  },
  { call: 'ecs:ListTasks', on: `arn:aws:ecs:${ACCOUNT}:container-instance/prod/*`, outcome: 'failed' },
  {
    call: 'ecs:DescribeTasks',
    on: `arn:aws:ecs:${ACCOUNT}:task/prod/0a1b`,
    grants: `arn:aws:ecs:${ACCOUNT}:task/prod/*`,
    outcome: 'failed'
  }
]

/** Without these the run goes on, and ends as it would have. */
const OPTIONAL: readonly Denied[] = [
  {
    call: 'ecr:DescribeRepositories',
    on: WEB,
    outcome: 'succeeded',
    says: "whether the image's tags can move is not known"
  },
  { call: 'ecr:GetDownloadUrlForLayer', on: WEB, outcome: 'succeeded', says: 'could not be checked' },
  {
    call: 'ecr:GetLifecyclePolicy',
    on: WEB,
    outcome: 'succeeded',
    says: 'what the lifecycle policy will do is not known'
  },
  {
    call: 'ecr:ListImages',
    on: WEB,
    inputs: { ref: 'refs/tags/v1.2.3', sha: '4'.repeat(40) },
    outcome: 'rejected',
    says: 'an image of the same commit cannot be looked for'
  },
  { call: 'ecs:ListServiceDeployments', on: SERVICE, outcome: 'succeeded', says: 'watching by DescribeServices alone' },
  {
    call: 'ecs:DescribeServiceDeployments',
    on: `arn:aws:ecs:${ACCOUNT}:service-deployment/prod/web/0a1b`,
    grants: `arn:aws:ecs:${ACCOUNT}:service-deployment/prod/web/*`,
    outcome: 'succeeded',
    says: 'watching by DescribeServices alone'
  },
  {
    call: 'ecs:StopServiceDeployment',
    on: `arn:aws:ecs:${ACCOUNT}:service-deployment/prod/web/0a1b`,
    grants: `arn:aws:ecs:${ACCOUNT}:service-deployment/prod/web/*`,
    inputs: { ...CRASHING, 'circuit-breaker': 'ignore', 'wait-for-minutes': '10' },
    shop: PARKED,
    outcome: 'rolled-back',
    says: 'ECS does not roll this deployment back for us'
  },
  {
    call: 'logs:GetLogEvents',
    on: `arn:aws:logs:${ACCOUNT}:log-group:/ecs/web:log-stream:ecs/web/0a1b`,
    grants: `arn:aws:logs:${ACCOUNT}:log-group:/ecs/web:*`,
    inputs: CRASHING,
    outcome: 'rolled-back',
    says: 'the log of container web could not be read'
  },
  {
    call: 'monitoring:DescribeAlarms',
    right: 'cloudwatch:DescribeAlarms',
    on: `arn:aws:cloudwatch:${ACCOUNT}:alarm:errors`,
    shop: WATCHED,
    outcome: 'succeeded',
    says: 'the alarms of the service could not be checked'
  },
  {
    call: 'ecr:PutImage',
    on: WEB,
    inputs: { 'marker-tag': 'prod-current' },
    shop: { mutability: 'MUTABLE' },
    outcome: 'succeeded',
    says: 'the marker prod-current was not moved'
  }
]

function run({ call, right = call, on, inputs = {}, shop = {} }: Denied): Promise<Told> {
  const message = `${ROLE} ${right} on resource: ${on} because no identity-based policy allows the ${right} action`
  const behaviour = { crash: { exitCode: 3, afterSeconds: 2 } }
  const images = [{ tags: ['main-3333333'], behaviour }, { tags: ['hand-made', '1.0.0'] }]
  const world = shopWith({ images, scalableTargets: [{ cluster: 'prod', service: 'web', min: 1, max: 4 }], ...shop })
  const faults = [{ operation: call, error: 'AccessDeniedException', message, times: 'always' }] as const
  return deployVirtually({ world, inputs, faults })
}

/** The statement that the reader is to add. */
function statement({ call, right = call, on, grants = on }: Denied): string {
  const condition = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }
  const passing = right === 'iam:PassRole' ? { Condition: condition } : {}
  return JSON.stringify({ Effect: 'Allow', Action: right, Resource: grants, ...passing })
}

describe('a right that is missing', () => {
  test.each(NEEDED)('is what the run ends with: $call, $right', async denied => {
    const { call, right = call, on, outcome } = denied
    const { outputs, log, summary, result } = await run(denied)
    expect(outputs).toMatchObject({ outcome, 'reason-code': 'access-denied' })
    expect(outputs['reason']).toContain(`${call} failed: ${ROLE} ${right} on resource: ${on}`)
    expect(result.remedy).toContain(
      `allow ${right} in the policy of the role that this job assumes: ${statement(denied)}`
    )
    expect(log).toContain(statement(denied))
    expect(summary).toContain(`<code>${statement(denied).replaceAll('*', '&#42;')}</code>`)
  })

  test.each(OPTIONAL)('is told and gone without: $call, $right', async denied => {
    const { call, right = call, on, outcome, says = '' } = denied
    const { outputs, log } = await run(denied)
    expect(outputs['outcome']).toBe(outcome)
    expect(outputs['reason-code']).not.toBe('access-denied')
    const lines = log.split('\n').filter(line => line.includes(`${ROLE} ${right} on resource: ${on}`))
    // Said once, however often it is missed.
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(says)
    expect(lines[0]).toContain(statement(denied))
  })

  test('of auto scaling is not missed where auto scaling is kept', async () => {
    const call = 'application-autoscaling:*'
    const { outputs, log } = await run({ call, on: '*', outcome: 'succeeded' })
    expect(outputs['outcome']).toBe('succeeded')
    expect(log).not.toContain('not authorized')
  })

  test('of a service may also be a name that is wrong', async () => {
    const { result } = await run({ call: 'ecs:DescribeServices', on: SERVICE, outcome: 'rejected' })
    expect(result.remedy).toMatch(/^check the names: service 'web' in cluster 'prod'; if they are right, allow /)
  })

  test('is told of each action that the documentation names for a deployment', () => {
    const [, statements = []] = [...readStatements('docs/iam.md')].find(([title]) => title === DEPLOYMENT) ?? []
    const told = [...NEEDED, ...OPTIONAL].map(({ call, right = call }) => right)
    // Both only add to a proof or a warning that others make.
    const silent = ['ecs:DescribeServiceRevisions', 'ecr:DescribeImages']
    expect(statements.flatMap(actionsOf).filter(action => !told.includes(action) && !silent.includes(action))).toEqual(
      []
    )
  })
})
