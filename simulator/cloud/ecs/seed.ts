import type { JsonObject } from '../../protocol/operation.ts'
import type { WorldCluster, WorldService } from '../world.ts'
import { ecsArn, iamArn, listenerRuleArn, targetGroupArn } from './arn.ts'
import { type Engine } from './engine.ts'
import { say } from './events.ts'
import { createInstance, refuseDaemonCount } from './instances.ts'
import { numberOf, objectsOf, textOf } from './json.ts'
import type { Cluster, Service, TaskDefinition } from './model.ts'
import { createDeployment, createServiceDeployment } from './revisions.ts'
import { assembleService } from './services.ts'
import { refuseConfiguration } from './supported.ts'
import { seedTask } from './task.ts'
import { validateTaskDefinition } from './validate-task-definition.ts'

/** Everything in the world was deployed a day before the simulation begins, and finished three minutes later. */
const AGE_MS = 24 * 3600 * 1000
const ROLLOUT_MS = 180_000

const CONTAINER_PORT = 8080

/** Puts the clusters of a world there, their services in a steady state. */
export function seedCluster(engine: Engine, world: WorldCluster): void {
  const cluster: Cluster = {
    name: world.name,
    arn: ecsArn(engine, 'cluster', world.name),
    services: new Map(),
    tasks: new Map(),
    capacity: world.capacity ?? Infinity,
    instances: Array.from({ length: world.instances ?? 0 }, () => createInstance(engine, world.name))
  }
  engine.clusters.set(world.name, cluster)
  for (const service of world.services ?? []) {
    try {
      seedService(engine, cluster, service)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`service ${service.name} of cluster ${world.name}: ${why}`, { cause: error })
    }
  }
}

/** Whether an image is in ECR, so that Fargate needs an execution role to pull it. */
export function isEcrImage(engine: Engine, image: string): boolean {
  return image.startsWith(`${engine.registryHost}/`) || /\.dkr[.-]ecr[.-]/.test(image)
}

function seedService(engine: Engine, cluster: Cluster, world: WorldService): void {
  const createdAt = engine.timeline.now() - AGE_MS
  const configuration: JsonObject = {
    ...(world.deploymentConfiguration as JsonObject | undefined),
    ...(world.strategy === undefined ? {} : { strategy: world.strategy }),
    ...(world.minimumHealthyPercent === undefined ? {} : { minimumHealthyPercent: world.minimumHealthyPercent }),
    ...(world.maximumPercent === undefined ? {} : { maximumPercent: world.maximumPercent }),
    ...(world.circuitBreaker === undefined ? {} : { deploymentCircuitBreaker: { ...world.circuitBreaker } })
  }
  refuseConfiguration(configuration)
  const daemon = world.schedulingStrategy === 'DAEMON'
  if (daemon && world.desiredCount !== undefined) refuseDaemonCount()
  const definition = seedDefinition(engine, world)
  const owner = { clusterName: cluster.name, serviceName: world.name }
  const deployment = createDeployment(engine, owner, definition, seedSettings(engine, world, definition), createdAt)
  const plan = {
    name: world.name,
    desiredCount: daemon ? cluster.instances.length : (world.desiredCount ?? 1),
    controller: world.deploymentController ?? 'ECS',
    configuration,
    healthCheckGracePeriodSeconds: world.healthCheckGracePeriodSeconds ?? 0,
    drainSeconds: world.deregistrationDelaySeconds ?? engine.timings.drainSeconds,
    attributes: { ...(daemon ? { schedulingStrategy: 'DAEMON' } : {}), createdBy: iamArn(engine, 'role/deployer') },
    createdAt
  } as const
  finishDeployment(engine, assembleService(engine, cluster, plan, deployment))
}

function finishDeployment(engine: Engine, service: Service): void {
  const [deployment] = service.deployments
  const finishedAt = deployment.createdAt + ROLLOUT_MS
  const owner = { clusterName: service.cluster.name, serviceName: service.name }
  const reported = createServiceDeployment(engine, owner, deployment, service.configuration, [])
  Object.assign(deployment, {
    planned: true,
    desiredCount: service.desiredCount,
    rolloutState: 'COMPLETED',
    rolloutStateReason: `ECS deployment ${deployment.id} completed.`,
    updatedAt: finishedAt
  })
  Object.assign(reported, {
    startedAt: deployment.createdAt + 150,
    finishedAt,
    updatedAt: finishedAt,
    decidedAt: finishedAt,
    status: 'SUCCESSFUL',
    finalCounts: new Map([
      [deployment.revision, { requested: service.desiredCount, running: service.desiredCount, pending: 0 }]
    ])
  })
  service.revisions.push(deployment.revision)
  service.serviceDeployments.push(reported)
  service.lastCompleted = deployment
  service.steady = true
  for (let count = 0; count < service.desiredCount; count += 1) {
    seedTask(engine, {
      cluster: service.cluster,
      service,
      deployment,
      taskDefinition: deployment.revision.taskDefinition,
      settings: deployment.revision.settings,
      group: `service:${service.name}`,
      startedBy: deployment.id,
      runningSince: finishedAt
    })
  }
  say(engine, service, `(deployment ${deployment.id}) deployment completed.`, finishedAt - engine.timeline.now())
  say(engine, service, 'has reached a steady state.', finishedAt - engine.timeline.now())
}

function seedDefinition(engine: Engine, world: WorldService): TaskDefinition {
  const document = world.taskDefinition as JsonObject | undefined
  const image = world.image === undefined ? undefined : fullImage(engine, world.image)
  if (document === undefined && image === undefined) throw new Error('it needs an image or a task definition')
  const input =
    document === undefined
      ? { ...defaultDefinition(engine, world.name, image ?? ''), requiresCompatibilities: [launchType(world)] }
      : { family: world.name, ...withImage(document, image) }
  validateTaskDefinition(input, reference => isEcrImage(engine, reference))
  return engine.definitions.register(input, engine.timeline.now() - AGE_MS)
}

/** An image as a task definition names it: `name:tag` means a repository of this account. */
export function fullImage(engine: Engine, image: string): string {
  const [first = ''] = image.split('/')
  const hasHost = image.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  return hasHost ? image : `${engine.registryHost}/${image}`
}

/** The document with `image` in its first container. */
export function withImage(document: JsonObject, image: string | undefined): JsonObject {
  if (image === undefined) return document
  const [first = {}, ...others] = objectsOf(document.containerDefinitions)
  return { ...document, containerDefinitions: [{ ...first, image }, ...others] }
}

/** Daemons need instances to run on. */
function launchType(world: WorldService): string {
  return world.schedulingStrategy === 'DAEMON' ? 'EC2' : 'FARGATE'
}

function defaultDefinition(engine: Engine, name: string, image: string): JsonObject {
  return {
    family: name,
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    executionRoleArn: iamArn(engine, 'role/ecsTaskExecutionRole'),
    containerDefinitions: [
      {
        name,
        image,
        essential: true,
        portMappings: [{ containerPort: CONTAINER_PORT, protocol: 'tcp' }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': `/ecs/${name}`,
            'awslogs-region': engine.region,
            'awslogs-stream-prefix': 'ecs'
          }
        }
      }
    ]
  }
}

/** What a load balancer needs to shift traffic: a second target group and a rule for each kind of traffic. */
function twoListeners(engine: Engine, name: string): JsonObject {
  const id = (): string => engine.random.hex(16)
  const rule = (): string => listenerRuleArn(engine, name, id(), id(), id())
  return {
    alternateTargetGroupArn: targetGroupArn(engine, `${name}-alternate`, engine.random.hex(16)),
    productionListenerRule: rule(),
    testListenerRule: rule(),
    roleArn: iamArn(engine, 'role/ecsInfrastructureRoleForLoadBalancers')
  }
}

function seedSettings(engine: Engine, world: WorldService, definition: TaskDefinition): JsonObject {
  const container = objectsOf(definition.document.containerDefinitions).find(item => item.portMappings !== undefined)
  const balancer: JsonObject = {
    targetGroupArn: targetGroupArn(engine, world.name, engine.random.hex(16)),
    containerName: textOf(container?.name) ?? world.name,
    containerPort: numberOf(objectsOf(container?.portMappings)[0]?.containerPort) ?? CONTAINER_PORT,
    ...((world.strategy ?? 'ROLLING') === 'ROLLING' ? {} : { advancedConfiguration: twoListeners(engine, world.name) })
  }
  return {
    launchType: launchType(world),
    ...(launchType(world) === 'FARGATE' ? { platformVersion: 'LATEST' } : {}),
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: ['subnet-0a1b2c3d4e5f60718', 'subnet-0f1e2d3c4b5a69788'],
        securityGroups: ['sg-0123456789abcdef0'],
        assignPublicIp: 'ENABLED'
      }
    },
    loadBalancers: world.loadBalanced === true ? [balancer] : []
  }
}
