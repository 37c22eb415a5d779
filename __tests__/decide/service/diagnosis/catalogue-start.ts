import type { CatalogueRow } from './tasks.ts'

const RIE = 'ResourceInitializationError: '
const SHIM =
  'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '

/** Places to run, containers that do not start, platforms that fail: what AWS writes, and what a user reads. The numbers are the kinds of failures that ECS has. */
export const START_REASONS: readonly CatalogueRow[] = [
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
  ].map((reason): CatalogueRow => [
    `31: ${reason}`,
    reason,
    `ECS failed to run the task: ${reason}`,
    'infrastructure',
    'maybe'
  ]),
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
