import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { ecs } from './harness.ts'
import { FARGATE, REGISTRY, WEB, WITH_PROXY, type ShopChanges } from './shop.ts'

/** Inputs of a run that only says what it would do. */
export const DRY = { ...WEB, 'dry-run': 'true' }
const PROXY = { name: 'proxy', imageTagMutability: 'IMMUTABLE', images: [{ tags: ['1.0.0'] }] } as const
/** The service has a second container, from a repository of its own. */
export const BESIDE_PROXY: ShopChanges = { service: { taskDefinition: WITH_PROXY }, repositories: [PROXY] }
export const OFF = { enable: false, rollback: false }
const SIDE = { ...DRY, 'container-name': 'web' }

function alarms(...alarmNames: readonly string[]): NonNullable<ShopChanges['service']> {
  return { deploymentConfiguration: { alarms: { enable: true, rollback: true, alarmNames } } }
}

function denied(operation: string): readonly FaultRule[] {
  return [{ operation, error: 'AccessDeniedException', message: `no right to ${operation}`, times: 'always' }]
}

/** A container that may take its time to start. */
export const CHECKED = {
  ...FARGATE,
  containerDefinitions: [
    { name: 'web', image: 'set by the service', healthCheck: { command: ['CMD', 'true'], startPeriod: 90 } }
  ]
}

/** A deployment, and what is found before it. */
export interface Case {
  readonly finds: string
  readonly world?: ShopChanges
  readonly before?: (simulator: Simulator) => unknown
  readonly inputs?: Readonly<Record<string, string>>
  readonly faults?: readonly FaultRule[]
  readonly files?: Readonly<Record<string, string>>
  readonly sha?: string
  /** What the reader is told, and what to do. */
  readonly says: string
  readonly remedy: string
}

/** What refuses a deployment, with its code. */
export const ERRORS: readonly (Case & { readonly code: string })[] = [
  {
    finds: 'percentages that stand in the way of every task',
    world: { service: { minimumHealthyPercent: 100, maximumPercent: 100 } },
    code: 'deployment-deadlock',
    says: 'ECS can neither start a new task nor stop an old one while 2 are desired',
    remedy: 'maximumPercent to 150 or more, or minimumHealthyPercent to 50 or less'
  },
  {
    finds: 'a circuit breaker that is required and off',
    world: { service: { circuitBreaker: OFF } },
    inputs: { 'circuit-breaker': 'require' },
    code: 'circuit-breaker-off',
    says: 'has no deployment circuit breaker',
    remedy: 'switch it on for the service'
  },
  {
    finds: 'an execution role that is missing',
    inputs: { 'task-definition': 'task.json' },
    files: {
      'task.json': JSON.stringify({ ...FARGATE, executionRoleArn: undefined, containerDefinitions: [{ name: 'web' }] })
    },
    code: 'execution-role-missing',
    says: 'the task definition has no execution role, which it needs for pulling the image of web',
    remedy: "set 'execution-role-arn'"
  },
  {
    finds: 'an image for another platform by its config',
    world: { images: [{ tags: ['main-3333333'], platforms: ['linux/arm64'] }] },
    sha: '3'.repeat(40),
    code: 'platform-mismatch',
    says: 'the image of container web has no variant for linux/amd64, which the task definition asks for; it has linux/arm64',
    remedy: "build it for that platform ('platforms')"
  },
  {
    finds: 'an index without the platform',
    world: { images: [{ tags: ['main-3333333'], platforms: ['linux/arm64', 'windows/amd64'] }] },
    sha: '3'.repeat(40),
    code: 'platform-mismatch',
    says: 'it has linux/arm64, windows/amd64',
    remedy: 'runtimePlatform'
  },
  {
    finds: 'an archived image',
    before: simulator => simulator.change({ archiveImage: { repository: 'web', tag: 'main-2222222' } }),
    code: 'image-archived',
    says: 'tag main-2222222 of repository web is archived',
    remedy: 'aws ecr update-image-storage-class'
  },
  {
    finds: 'the image of another container gone',
    world: BESIDE_PROXY,
    inputs: { 'container-name': 'web' },
    before: simulator => simulator.change({ deleteImage: { repository: 'proxy', tag: '1.0.0' } }),
    code: 'image-not-found',
    says: `the image '${REGISTRY}/proxy:1.0.0' of container proxy is not in ECR`,
    remedy: 'push it'
  },
  {
    finds: 'the image of another container archived',
    world: BESIDE_PROXY,
    inputs: { 'container-name': 'web' },
    before: simulator => simulator.change({ archiveImage: { repository: 'proxy', tag: '1.0.0' } }),
    code: 'image-archived',
    says: `the image '${REGISTRY}/proxy:1.0.0' of container proxy is archived in ECR`,
    remedy:
      'restore it first (aws ecr update-image-storage-class --region eu-west-1 --registry-id 123456789012 --repository-name '
  },
  {
    finds: 'an image of another container for another platform',
    world: {
      service: { taskDefinition: WITH_PROXY },
      repositories: [{ ...PROXY, images: [{ tags: ['1.0.0'], platforms: ['linux/arm64', 'windows/amd64'] }] }]
    },
    inputs: { 'container-name': 'web' },
    code: 'platform-mismatch',
    says: 'the image of container proxy has no variant for linux/amd64',
    remedy: 'build it'
  }
]

/** What stands on the run's page. */
export const WARNINGS: readonly Case[] = [
  {
    finds: 'a circuit breaker that is ignored and off',
    world: { service: { circuitBreaker: OFF } },
    inputs: { ...DRY, 'circuit-breaker': 'ignore' },
    says: 'has no deployment circuit breaker',
    remedy: 'switch it on'
  },
  {
    finds: 'a grace period that is shorter than the start may take',
    world: { service: { taskDefinition: CHECKED, healthCheckGracePeriodSeconds: 60 } },
    says: 'the health check of container web gives it 90 s to start and 180 s in all, but web replaces a task whose target is unhealthy after 60 s',
    remedy: 'set healthCheckGracePeriodSeconds of the service to 180'
  },
  {
    finds: 'an alarm that is in ALARM',
    world: {
      service: alarms('errors', 'latency'),
      alarms: [
        { name: 'errors', state: 'ALARM' },
        { name: 'latency', state: 'OK' }
      ]
    },
    says: 'in ALARM already: errors; ECS ignores it and with it all alarms of the service for this deployment of web',
    remedy: 'find out what is wrong'
  },
  {
    finds: 'an alarm that is not there',
    world: { service: alarms('errors'), alarms: [{ name: 'latency', state: 'OK' }] },
    says: 'web is to be watched by alarms that do not exist: errors',
    remedy: 'create them'
  },
  {
    finds: 'the running revision inactive',
    before: simulator => ecs(simulator, 'DeregisterTaskDefinition', { taskDefinition: 'web:1' }),
    says: 'the revision that web runs now is INACTIVE',
    remedy: 'do not deregister'
  },
  {
    finds: 'the running image gone',
    before: simulator => simulator.change({ deleteImage: { repository: 'web', tag: 'main-1111111' } }),
    says: `the image '${REGISTRY}/web:main-1111111' that container web of web runs now is gone from ECR, so there is no way back`,
    remedy: 'lifecycle policy'
  },
  {
    finds: 'the running image archived',
    before: simulator => simulator.change({ archiveImage: { repository: 'web', tag: 'main-1111111' } }),
    says: 'runs now is archived in ECR',
    remedy:
      'restore it first (aws ecr update-image-storage-class --region eu-west-1 --registry-id 123456789012 --repository-name '
  },
  {
    finds: 'a repository of another container that is not there',
    world: {
      service: {
        taskDefinition: {
          ...WITH_PROXY,
          containerDefinitions: [
            WITH_PROXY.containerDefinitions[0],
            { name: 'proxy', image: `${REGISTRY}/hub/nginx:1.27.3` }
          ]
        }
      }
    },
    inputs: SIDE,
    says: `the image '${REGISTRY}/hub/nginx:1.27.3' of container proxy has no repository in ECR`,
    remedy: 'unless a pull-through cache makes it'
  },
  {
    finds: 'nothing to roll back to',
    // Its first deployment never gets its image.
    before: async simulator => {
      const containerDefinitions = [{ name: 'web', image: `${REGISTRY}/web:never-pushed` }]
      await ecs(simulator, 'RegisterTaskDefinition', { ...FARGATE, family: 'fresh', containerDefinitions })
      const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } }
      const service = { serviceName: 'fresh', taskDefinition: 'fresh', desiredCount: 1, networkConfiguration }
      await ecs(simulator, 'CreateService', { cluster: 'prod', ...service })
    },
    inputs: { ...DRY, service: 'fresh' },
    says: 'no deployment of fresh succeeded so far (of 1 that ECS remembers)',
    remedy: 'stay with this deployment'
  }
]

/** What stands in the log alone. */
export const HINTS: readonly Case[] = [
  {
    finds: 'a desired count of 0',
    world: { service: { desiredCount: 0 } },
    says: 'the desired count of web is 0',
    remedy: 'scale the service up'
  },
  {
    finds: 'nothing that checks the service',
    world: { service: { loadBalanced: false } },
    says: 'neither a load balancer nor a container health check',
    remedy: 'give an essential container a healthCheck'
  },
  {
    finds: 'alarms that may not be read',
    world: { service: alarms('errors') },
    faults: denied('monitoring:DescribeAlarms'),
    says: 'the alarms of the service could not be checked',
    remedy: 'allow cloudwatch:DescribeAlarms'
  },
  {
    finds: 'a config that may not be read',
    faults: denied('ecr:GetDownloadUrlForLayer'),
    says: 'of container web could not be checked',
    remedy: 'allow ecr:GetDownloadUrlForLayer'
  },
  {
    finds: 'the image of another container that may not be read',
    world: BESIDE_PROXY,
    inputs: SIDE,
    // After the image that is deployed and those that run now.
    faults: [{ operation: 'ecr:BatchGetImage', error: 'AccessDeniedException', times: 1, after: 3 }],
    says: `the image '${REGISTRY}/proxy:1.0.0' of container proxy could not be checked`,
    remedy: 'allow ecr:BatchGetImage'
  },
  {
    finds: 'a repository of another container that may not be read',
    world: BESIDE_PROXY,
    inputs: SIDE,
    faults: [{ operation: 'ecr:DescribeRepositories', error: 'AccessDeniedException', times: 1, after: 1 }],
    says: `whether the tag of the image '${REGISTRY}/proxy:1.0.0' of container proxy can move is not known`,
    remedy: 'allow ecr:DescribeRepositories'
  }
]
