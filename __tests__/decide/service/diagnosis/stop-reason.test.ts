import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { diagnose } from '../../../../src/decide/service/diagnosis/diagnosis.ts'
import type { TaskSnapshot } from '../../../../src/decide/service/snapshot.ts'
import { container, IMAGE, stopped } from './tasks.ts'

const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const DIGEST = `sha256:${'a'.repeat(64)}`
const RIE = 'ResourceInitializationError: '
const PULL_SECRETS = `${RIE}unable to pull secrets or registry auth: `
const FROM_ASM = `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf from secrets manager: operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, RequestID: 1, `
const SHIM =
  'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '
const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-tg/0123456789abcdef'

type Row = readonly [name: string, reason: string, words: string, code: string, heals: 'no' | 'maybe' | 'yes']

/** What AWS writes as stoppedReason when a task could not be started, and what a user reads. */
const NEVER_STARTED: readonly Row[] = [
  [
    '1: the tag is not there',
    `CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${REGISTRY}/web:gone: ${REGISTRY}/web:gone: not found`,
    `the image ${REGISTRY}/web:gone is not in the registry`,
    'image-not-found',
    'no'
  ],
  [
    '1: the digest was deleted',
    `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${REGISTRY}/web:a@${DIGEST}: not found`,
    `the image ${REGISTRY}/web:a@${DIGEST} is not in the registry`,
    'image-not-found',
    'no'
  ],
  [
    '1: the digest was deleted, as an HTTP status',
    `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${REGISTRY}/web:a@${DIGEST}: unexpected status from HEAD request to https://${REGISTRY}/v2/web/manifests/${DIGEST}: 403 Forbidden`,
    `the image ${REGISTRY}/web:a@${DIGEST} is not in the registry`,
    'image-not-found',
    'no'
  ],
  [
    '1: as the Docker engine says it',
    'CannotPullContainerError: Error response from daemon: manifest for nginx:9 not found: manifest unknown: manifest unknown',
    'the image nginx:9 is not in the registry',
    'image-not-found',
    'no'
  ],
  [
    '1: in the newer words',
    "CannotPullContainerError: The task can\u2019t pull the image 'repo/image' from Amazon Elastic Container Registry using the task execution role 'role'. To fix this, verify that the image URI is correct. Also check that the task execution role has the additional permissions to pull Amazon ECR images. Status Code: 404. Response: 'not found'",
    'the image repo/image is not in the registry',
    'image-not-found',
    'no'
  ],
  [
    '1: cut off before the reason',
    `CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${REGISTRY}/web:go`,
    `the image ${REGISTRY}/web:go could not be pulled: CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${REGISTRY}/web:go`,
    'task-failed-to-start',
    'maybe'
  ],
  [
    '1: only the end is left',
    `${REGISTRY}/web:gone: not found`,
    `the image ${IMAGE} is not in the registry`,
    'image-not-found',
    'no'
  ],
  [
    '2: another platform',
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/arm64'",
    'the image has no linux/arm64 variant',
    'platform-mismatch',
    'no'
  ],
  [
    '2: another platform, cut off at the front',
    "descriptor matching platform 'linux/amd64'",
    'the image has no linux/amd64 variant',
    'platform-mismatch',
    'no'
  ],
  [
    '2: as the Docker engine says it',
    'CannotPullContainerError: no matching manifest for linux/arm64/v8 in the manifest list entries',
    'the image has no linux/arm64/v8 variant',
    'platform-mismatch',
    'no'
  ],
  [
    '3: a bare name is Docker Hub',
    'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/web:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed.',
    'the registry refused the pull of the image docker.io/library/web:1',
    'pull-denied',
    'no'
  ],
  [
    '4: the rate limit of Docker Hub',
    'CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.',
    `the registry's pull rate limit stopped the pull of the image ${IMAGE}`,
    'pull-rate-limited',
    'maybe'
  ],
  [
    '4: the rate limit in short',
    'ERROR: toomanyrequests: Too Many Requests.',
    `the registry's pull rate limit stopped the pull of the image ${IMAGE}`,
    'pull-rate-limited',
    'maybe'
  ],
  [
    '5: no route to the registry',
    `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "${REGISTRY}/web:a": failed to do request: Head "https://${REGISTRY}/v2/web/manifests/a": dial tcp 10.0.3.17:443: i/o timeout`,
    `the task cannot reach ${REGISTRY}`,
    'network-unreachable',
    'maybe'
  ],
  [
    '5: as the Docker engine says it',
    `CannotPullContainerError: API error (500): Get https://${REGISTRY}/v2/: net/http: request canceled while waiting for connection`,
    `the task cannot reach ${REGISTRY}`,
    'network-unreachable',
    'maybe'
  ],
  [
    '5: context canceled',
    'CannotPullContainerError: context canceled',
    'the task cannot reach the registry',
    'network-unreachable',
    'maybe'
  ],
  [
    '5: in the newer words',
    'The task cannot pull \u2018web\u2019 from the Amazon ECR repository \u2018uri\u2019. There is a connection issue between the task and Amazon ECR. Check your task network configuration.',
    'the task cannot reach the registry',
    'network-unreachable',
    'maybe'
  ],
  [
    '6: the role may not pull, with a typographic apostrophe',
    'CannotPullContainerError: The task can\u2019t pull the image. Check that the role has the permissions to pull images from the registry.',
    `the registry refused the pull of the image ${IMAGE}`,
    'pull-denied',
    'no'
  ],
  [
    '6: the role may not pull, with the action',
    `CannotPullContainerError: Check if image exists and role 'R' has permissions to pull images from Amazon ECR. Error response from daemon: pull access denied for ${REGISTRY}/web, repository does not exist or may require 'docker login': denied: User: arn:aws:sts::123456789012:assumed-role/R/x is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/web because no identity-based policy allows the ecr:BatchGetImage action`,
    `the execution role may not call ecr:BatchGetImage to pull the image ${REGISTRY}/web`,
    'pull-denied',
    'no'
  ],
  [
    '6: the role may not log in',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/R/x is not authorized to perform: ecr:GetAuthorizationToken on resource: *`,
    `the execution role may not call ecr:GetAuthorizationToken to pull the image ${IMAGE}`,
    'pull-denied',
    'no'
  ],
  [
    '7: no disk space',
    'CannotPullContainerError: write /var/lib/docker/tmp/GetImageBlob111111111: no space left on device',
    `there is no disk space left for the image ${IMAGE}`,
    'disk-full',
    'maybe'
  ],
  [
    '8: no route to ECR',
    `${PULL_SECRETS}The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp 172.16.54.241:443: i/o timeout.`,
    'the task cannot reach api.ecr.eu-west-1.amazonaws.com',
    'network-unreachable',
    'maybe'
  ],
  [
    '8: no route to ECR, in the older words',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post https://api.ecr.eu-west-1.amazonaws.com/: dial tcp 10.0.0.1:443: i/o timeout`,
    'the task cannot reach api.ecr.eu-west-1.amazonaws.com',
    'network-unreachable',
    'maybe'
  ],
  [
    '9: the role may not read the secret',
    `${FROM_ASM}api error AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/x is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf because no identity-based policy allows the secretsmanager:GetSecretValue action`,
    'the execution role may not read the secret prod/db-AbCdEf',
    'secret-unavailable',
    'no'
  ],
  [
    '9: the role may not read the parameter',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secrets from ssm: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/x is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/prod/key because no identity-based policy allows the ssm:GetParameters action`,
    'the execution role may not read the parameter /prod/key',
    'secret-unavailable',
    'no'
  ],
  [
    '9: the role may not use the key',
    `${FROM_ASM}api error AccessDeniedException: Access to KMS is not allowed`,
    'the execution role may not read the secret prod/db-AbCdEf',
    'secret-unavailable',
    'no'
  ],
  [
    '10: no such secret',
    `${FROM_ASM}ResourceNotFoundException: Secrets Manager can\u2019t find the specified secret.`,
    'the secret prod/db-AbCdEf does not exist',
    'secret-unavailable',
    'no'
  ],
  [
    '10: no such secret, in the newer words',
    "ResourceInitializationError: The task can't retrieve the secret with ARN 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf' from AWS Secrets Manager. Check whether the secret exists in the specified Region.",
    'the secret db-AbCdEf does not exist',
    'secret-unavailable',
    'no'
  ],
  [
    '10: no such parameter',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /prod/key`,
    'the parameter /prod/key does not exist',
    'secret-unavailable',
    'no'
  ],
  [
    '10: the secret is being deleted',
    `${FROM_ASM}InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.`,
    'the secret prod/db-AbCdEf is marked for deletion',
    'secret-unavailable',
    'no'
  ],
  [
    '11: no such key',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key PASSWORD`,
    'a secret has no JSON key PASSWORD',
    'secret-unavailable',
    'no'
  ],
  [
    '11: the secret is no JSON',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secret from asm: invalid character 'p' in literal true (expecting 'r')`,
    'a secret is not the JSON that valueFrom expects',
    'secret-unavailable',
    'no'
  ],
  [
    '12: no route to Secrets Manager',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network configuration.`,
    'the task cannot reach Secrets Manager',
    'network-unreachable',
    'maybe'
  ],
  [
    '12: no route to Parameter Store',
    `${PULL_SECRETS}unable to retrieve secrets from ssm: The task cannot pull secrets from AWS Systems Manager. There is a connection issue between the task and AWS Systems Manager Parameter Store. Check your task network configuration. operation error SSM: GetParameters, https response error StatusCode: 0, RequestID: , canceled, context deadline exceeded`,
    'the task cannot reach SSM Parameter Store',
    'network-unreachable',
    'maybe'
  ],
  [
    '13: no log group',
    `${RIE}failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.`,
    'the log group /ecs/web does not exist',
    'log-group-missing',
    'no'
  ],
  [
    '13: the role may not log',
    `${RIE}failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/x is not authorized to perform: logs:CreateLogStream on resource: arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web`,
    'the execution role may not call logs:CreateLogStream',
    'log-configuration',
    'no'
  ],
  [
    '14: no route to CloudWatch',
    `${RIE}failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. signal: killed`,
    'the task cannot reach CloudWatch Logs',
    'network-unreachable',
    'maybe'
  ],
  [
    '14: the driver lacks an option',
    `${RIE}unable to get awslogs driver arguments: awslogs-region is required`,
    `the log configuration does not work: ${RIE}unable to get awslogs driver arguments: awslogs-region is required`,
    'log-configuration',
    'no'
  ],
  [
    '15: EFS',
    `${RIE}failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: Connection timed out : unsuccessful EFS utils command execution; code: 32 for fs-0123abcd`,
    'the EFS volume fs-0123abcd could not be mounted',
    'volume-unavailable',
    'maybe'
  ],
  [
    '16: the role',
    "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/web-task' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.",
    'ECS cannot assume the role web-task',
    'role-not-assumable',
    'no'
  ],
  [
    '17: the network interface is slow',
    'Timeout waiting for network interface provisioning to complete.',
    'the network interface of the task took too long',
    'network-interface',
    'maybe'
  ],
  [
    '18: no address left',
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0abc': InsufficientFreeAddressesInSubnet",
    'the subnet subnet-0abc has no free IP address',
    'network-interface',
    'maybe'
  ],
  [
    '18: another answer of EC2',
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0abc': InvalidGroup.NotFound",
    'EC2 refused the network interface of the task: InvalidGroup.NotFound',
    'network-interface',
    'maybe'
  ],
  [
    '19: the storage is slow',
    'Timeout waiting for EphemeralStorage provisioning to complete.',
    'the ephemeral storage of the task took too long',
    'infrastructure',
    'maybe'
  ],
  [
    '20: no capacity',
    'Capacity is unavailable at this time. Please try again later or in a different availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    'AWS has no capacity left for the task at this time',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '21: CPU',
    'TaskFailedToStart: RESOURCE:CPU',
    'no container instance has enough CPU left',
    'capacity-unavailable',
    'maybe'
  ],
  ['21: ENI', 'RESOURCE:ENI', 'no container instance has a network interface left', 'capacity-unavailable', 'maybe'],
  ['21: the agent', 'AGENT', 'the agent of the container instance is not connected', 'capacity-unavailable', 'maybe'],
  [
    '21: an attribute',
    'ATTRIBUTE',
    'no container instance fits the attributes or placement constraints of the task',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '21: a constraint',
    'MemberOf placement constraint unsatisfied.',
    'no container instance fits the attributes or placement constraints of the task',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '23: the program is not there',
    `${SHIM}exec: "serve": executable file not found in $PATH: unknown`,
    'container web could not be started: "serve" is not in the image',
    'bad-entrypoint',
    'no'
  ],
  [
    '23: the program is not executable',
    `${SHIM}exec: "/app/start.sh": permission denied: unknown`,
    'container web could not be started: "/app/start.sh" is not executable',
    'bad-entrypoint',
    'no'
  ],
  [
    '23: a mount does not fit',
    `${SHIM}error mounting "/a" to rootfs at "/b": not a directory: unknown`,
    'container web could not be started: a mount puts a file where the image has a directory, or the reverse',
    'bad-entrypoint',
    'no'
  ],
  [
    '23: another CPU, on a container instance',
    'CannotStartContainerError: Error response from daemon: exec /app/web: exec format error',
    'container web holds a binary for another CPU architecture (exec format error)',
    'platform-mismatch',
    'no'
  ],
  [
    '23: something else',
    'CannotStartContainerError: Error response from daemon: driver failed programming external connectivity',
    'container web could not be started: CannotStartContainerError: Error response from daemon: driver failed programming external connectivity',
    'task-failed-to-start',
    'maybe'
  ],
  [
    '29: the instance is gone',
    'Host EC2 (instance i-0123456789abcdef0) terminated.',
    'the container instance i-0123456789abcdef0 went away',
    'infrastructure',
    'yes'
  ],
  [
    '29: the instance was taken out',
    'Container instance deregistration forced by user.',
    'the container instance went away',
    'infrastructure',
    'yes'
  ],
  ...[
    'InternalError: unable to create a sandbox',
    'CannotCreateVolumeError: no such plugin',
    'CannotInspectContainerError: Could not transition to inspecting; timed out after waiting 30s'
  ].map((reason): Row => [`31: ${reason}`, reason, `ECS failed to run the task: ${reason}`, 'infrastructure', 'maybe']),
  [
    'a resource nobody knows yet',
    `${RIE}failed to download env files: no such key`,
    `something that the task needs could not be set up: ${RIE}failed to download env files: no such key`,
    'task-failed-to-start',
    'maybe'
  ],
  [
    'a reason nobody knows yet',
    'The task was eaten by a grue.',
    'a task could not be started: The task was eaten by a grue.',
    'task-failed-to-start',
    'maybe'
  ],
  ['no reason at all', '', 'a task could not be started, and ECS gave no reason', 'task-failed-to-start', 'maybe']
]

function read(task: TaskSnapshot) {
  const found = diagnose({
    stopped: [task],
    events: [],
    essential: ['web'],
    logGroups: new Map([['web', '/ecs/web']])
  })
  return found && { sentence: found.sentence, code: found.code, heals: found.heals }
}

describe('a task that could not be started', () => {
  test.each(NEVER_STARTED)('%s', (_, stoppedReason, words, code, heals) => {
    expect(read(stopped('t1', { stoppedReason }))).toEqual({ sentence: `1 of 1 task: ${words}`, code, heals })
  })

  test('is read from the reason of its container when its own says nothing', () => {
    const reason = `${SHIM}exec: "serve": executable file not found in $PATH`
    const task = stopped('t1', { stoppedReason: 'Task failed to start', containers: [container({ reason })] })
    expect(read(task)?.sentence).toBe('1 of 1 task: container web could not be started: "serve" is not in the image')
  })

  test('is not taken for a missing secret because of its name', () => {
    const image = `${REGISTRY}/secretsmanager-log-group:1`
    const stoppedReason = `CannotPullContainerError: failed to resolve ref ${image}: not found`
    expect(read(stopped('t1', { stoppedReason }))?.code).toBe('image-not-found')
  })
})

/** Exit codes of the essential container and what a user reads. */
const EXITS: readonly (readonly [exitCode: number, words: string, heals: string])[] = [
  [0, 'container web exited with code 0 (its command finished, and a service needs one that stays)', 'maybe'],
  [1, 'container web exited with code 1', 'maybe'],
  [126, 'container web exited with code 126 (its command is not executable)', 'no'],
  [127, 'container web exited with code 127 (its command was not found)', 'no'],
  [134, 'container web exited with code 134 (it aborted, SIGABRT)', 'maybe'],
  [136, 'container web exited with code 136 (signal 8)', 'maybe'],
  [137, 'container web exited with code 137 (it was killed, often for lack of memory)', 'maybe'],
  [139, 'container web exited with code 139 (it crashed with a segmentation fault)', 'maybe'],
  [143, 'container web exited with code 143 (it was asked to stop, SIGTERM)', 'maybe'],
  [255, 'container web exited with code 255 (an error of its own, or a binary for another CPU architecture)', 'maybe']
]

const EXITED = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' } as const

describe('a task whose container exited', () => {
  test.each(EXITS)('22: with code %i', (exitCode, words, heals) => {
    const task = stopped('t1', { ...EXITED, containers: [container({ exitCode })] })
    expect(read(task)).toEqual({ sentence: `1 of 1 task: ${words}`, code: 'container-exited', heals })
  })

  test.each([
    ['OutOfMemoryError: Container killed due to memory usage', 137],
    ['OutOfMemoryError: container killed due to memory usage', 1]
  ])('22a: %s, code %i', (reason, exitCode) => {
    const task = stopped('t1', { ...EXITED, containers: [container({ exitCode, reason })] })
    const sentence = `1 of 1 task: container web ran out of memory (exit code ${String(exitCode)})`
    expect(read(task)).toEqual({ sentence, code: 'out-of-memory', heals: 'maybe' })
  })

  test('is explained by the essential container, not by its side containers', () => {
    const containers = [container({ name: 'proxy', exitCode: 2 }), container({ exitCode: 143 })]
    expect(read(stopped('t1', { ...EXITED, containers }))?.sentence).toMatch(/container web exited with code 143/)
  })

  test.each([
    [[137, 1], 'b'],
    [[143, 0], 'b'],
    [[0, 137], 'b'],
    [[139, 143], 'a']
  ])('is explained by the container that went first: %j → %s', ([a = 0, b = 0], first) => {
    const containers = [container({ name: 'a', exitCode: a }), container({ name: 'b', exitCode: b })]
    const found = diagnose({ stopped: [stopped('t1', { ...EXITED, containers })], events: [], essential: ['a', 'b'] })
    expect(found?.suspects).toEqual([{ taskId: 't1', container: first }])
  })

  test('22b: holds a binary for another CPU when its log says so, in every task', () => {
    const tasks = ['t1', 't2'].map(id => stopped(id, { ...EXITED, containers: [container({ exitCode: 255 })] }))
    const logs = [{ taskId: 't1', container: 'web', lines: ['starting', 'exec /app/web: exec format error'] }]
    const found = diagnose({ stopped: tasks, events: [], essential: ['web'], logs })
    expect(found).toMatchObject({
      sentence: '2 of 2 tasks: container web holds a binary for another CPU architecture (exec format error)',
      code: 'platform-mismatch',
      heals: 'no'
    })
  })
})

/** Stops of tasks that ran: stop code, reason, and what a user reads. */
const STOPPED_LATER: readonly (readonly [string, string, string, string, string])[] = [
  [
    'ServiceSchedulerInitiated',
    `Task failed ELB health checks in (target-group ${TARGET_GROUP})`,
    "the load balancer's health check of web-tg failed",
    'failed-health-check',
    'maybe'
  ],
  [
    'ServiceSchedulerInitiated',
    'Task failed ELB health checks in (elb classic)',
    "the load balancer's health check of classic failed",
    'failed-health-check',
    'maybe'
  ],
  [
    'ServiceSchedulerInitiated',
    'Task failed container health checks',
    'the health check of container web failed',
    'failed-health-check',
    'maybe'
  ],
  [
    'SpotInterruption',
    'Your Spot Task was interrupted.',
    'AWS took back the Spot capacity',
    'spot-interruption',
    'yes'
  ],
  ['TerminationNotice', '', 'AWS took back the Spot capacity', 'spot-interruption', 'yes'],
  ['InfrastructureHealth', '', 'the infrastructure under the task failed', 'infrastructure', 'yes'],
  ['UserInitiated', 'Task stopped by user', 'somebody stopped the task', 'stopped-by-user', 'yes'],
  [
    'UserInitiated',
    'CannotPullContainerError: not found\n::error::ha',
    'somebody stopped the task ("CannotPullContainerError: not found ::error::ha")',
    'stopped-by-user',
    'yes'
  ]
]

describe('a task that was stopped while it ran', () => {
  test.each(STOPPED_LATER)('%# %s', (stopCode, stoppedReason, words, code, heals) => {
    const task = stopped('t1', { stopCode, stoppedReason, containers: [container({ exitCode: 137 })] })
    expect(read(task)).toEqual({ sentence: `1 of 1 task: ${words}`, code, heals })
  })

  test.each([
    ['26', 'Scaling activity initiated by (deployment ecs-svc/2)'],
    ['28', 'ECS is performing maintenance on the underlying infrastructure hosting the task']
  ])('%s: %s is ordinary life', (_, stoppedReason) => {
    expect(read(stopped('t1', { stopCode: 'ServiceSchedulerInitiated', stoppedReason }))).toBeUndefined()
  })
})

describe('whatever AWS writes', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(fc.constantFrom(...NEVER_STARTED.flatMap(([, reason]) => reason.split(/(?<=[:,.'"(]) ?/))), {
        maxLength: 12
      })
      .map(pieces => pieces.join(' '))
  )
  const task = fc
    .record({
      stopCode: fc.constantFrom(undefined, 'TaskFailedToStart', 'EssentialContainerExited', 'UserInitiated', 'New'),
      stoppedReason: fc.option(text, { nil: undefined }),
      name: text,
      reason: fc.option(text, { nil: undefined }),
      exitCode: fc.option(fc.integer(), { nil: undefined })
    })
    .map(({ stopCode, stoppedReason, ...changes }) =>
      stopped('t1', { stopCode, stoppedReason, containers: [container(changes)] })
    )

  test('the sentence is one line, and the same each time', () => {
    fc.assert(
      fc.property(task, one => {
        const found = read(one)
        expect(read(one)).toEqual(found)
        expect(found?.sentence ?? '').not.toMatch(/[\p{Cc}\u2028\u2029]/u)
      })
    )
  })
})
