import type { CatalogueRow } from './tasks.ts'

const RIE = 'ResourceInitializationError: '
const SHIM =
  'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '

const AGAIN = 'deploy again; if it stays, ask AWS Support'
const MORE_INSTANCES =
  'add container instances (a capacity provider does it by itself), or lower what the task asks for'
const CONSTRAINTS = 'correct the placement constraints, or add container instances that fit them'
const LOOK = 'look at the stopped task in the ECS console, and at the logs of its containers'

/** Places to run, containers that do not start, platforms that fail: what AWS writes, and what a user reads. The numbers are the kinds of failures that ECS has. */
export const START_REASONS: readonly CatalogueRow[] = [
  [
    '17: the network interface is slow',
    'Timeout waiting for network interface provisioning to complete.',
    'the network interface of the task was not ready in time',
    'network-interface',
    'maybe',
    'deploy again; if it stays, check the quota of network interfaces in Service Quotas'
  ],
  [
    '18: no address left',
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0abc': InsufficientFreeAddressesInSubnet",
    'the subnet subnet-0abc has no free IP address',
    'network-interface',
    'maybe',
    'give the service larger or more subnets, or free addresses'
  ],
  [
    '18: another answer of EC2',
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet 'subnet-0abc': InvalidGroup.NotFound",
    'EC2 refused the network interface of the task: InvalidGroup.NotFound',
    'network-interface',
    'maybe',
    'check the subnets and security groups of the service'
  ],
  [
    '19: the storage is slow',
    'Timeout waiting for EphemeralStorage provisioning to complete.',
    'the ephemeral storage of the task was not ready in time',
    'infrastructure',
    'maybe',
    AGAIN
  ],
  [
    '20: no capacity',
    'Capacity is unavailable at this time. Please try again later or in a different availability zone. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    'AWS has no capacity left for the task at this time',
    'capacity-unavailable',
    'maybe',
    'add subnets in other zones, or use FARGATE besides FARGATE_SPOT; an account that is blocked reads the same'
  ],
  [
    '21: CPU',
    'TaskFailedToStart: RESOURCE:CPU',
    'no container instance has enough CPU left',
    'capacity-unavailable',
    'maybe',
    MORE_INSTANCES
  ],
  [
    '21: ENI',
    'RESOURCE:ENI',
    'no container instance has a network interface left',
    'capacity-unavailable',
    'maybe',
    MORE_INSTANCES
  ],
  [
    '21: the agent',
    'AGENT',
    'the agent of the container instance is not connected',
    'capacity-unavailable',
    'maybe',
    'restart or replace the container instance'
  ],
  [
    '21: an attribute',
    'ATTRIBUTE',
    'no container instance fits the attributes or placement constraints of the task',
    'capacity-unavailable',
    'maybe',
    CONSTRAINTS
  ],
  [
    '21: a constraint',
    'MemberOf placement constraint unsatisfied.',
    'no container instance fits the attributes or placement constraints of the task',
    'capacity-unavailable',
    'maybe',
    CONSTRAINTS
  ],
  [
    '23: the program is not there',
    `${SHIM}exec: "serve": executable file not found in $PATH: unknown`,
    'container web could not be started: "serve" is not in the image',
    'bad-entrypoint',
    'no',
    'correct command or entryPoint, or add the program to the image; of a script, check the interpreter in its first line and that its lines do not end as on Windows'
  ],
  [
    '23: the program is not executable',
    `${SHIM}exec: "/app/start.sh": permission denied: unknown`,
    'container web could not be started: "/app/start.sh" is not executable',
    'bad-entrypoint',
    'no',
    'make the file executable in the image (chmod +x)'
  ],
  [
    '23: a mount does not fit',
    `${SHIM}error mounting "/a" to rootfs at "/b": not a directory: unknown`,
    'container web could not be started: a mount puts a file where the image has a directory, or the reverse',
    'bad-entrypoint',
    'no',
    'correct mountPoints in the task definition'
  ],
  [
    '23: the runtime was short of something',
    `${SHIM}unable to apply cgroup configuration: cannot allocate memory: unknown`,
    'container web could not be started: unable to apply cgroup configuration: cannot allocate memory',
    'bad-entrypoint',
    'maybe',
    'check command, entryPoint, workingDirectory and mountPoints against what the message names'
  ],
  [
    '23: another CPU, on a container instance',
    'CannotStartContainerError: Error response from daemon: exec /app/web: exec format error',
    'container web holds a binary for another CPU architecture (exec format error)',
    'platform-mismatch',
    'no',
    'build the image for the platform of the task (input platforms), or set runtimePlatform to what it was built for'
  ],
  [
    '23: something else',
    'CannotStartContainerError: Error response from daemon: driver failed programming external connectivity',
    'container web could not be started: Error response from daemon: driver failed programming external connectivity',
    'task-failed-to-start',
    'maybe',
    'check the container definition against what the message names'
  ],
  [
    '29: the instance is gone',
    'Host EC2 (instance i-0123456789abcdef0) terminated.',
    'the container instance i-0123456789abcdef0 went away',
    'infrastructure',
    'yes',
    AGAIN
  ],
  [
    '29: the instance was taken out',
    'Container instance deregistration forced by user.',
    'the container instance went away',
    'infrastructure',
    'yes',
    AGAIN
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
    'maybe',
    AGAIN
  ]),
  [
    'a resource nobody knows yet',
    `${RIE}failed to download env files: no such key`,
    `something that the task needs could not be set up: failed to download env files: no such key`,
    'task-failed-to-start',
    'maybe',
    'check the execution role, the secrets and the network of the service'
  ],
  [
    'a reason nobody knows yet',
    'The task was eaten by a grue.',
    'a task could not be started: The task was eaten by a grue',
    'task-failed-to-start',
    'maybe',
    LOOK
  ],
  ['no reason at all', '', 'a task could not be started, and ECS gave no reason', 'task-failed-to-start', 'maybe', LOOK]
]
