import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand
} from '@aws-sdk/client-ecs'
import { shortArn } from '../../decide/arn.ts'
import { asList, asObject, objectsOf, asString, textAt, type Json, type JsonObject } from '../../decide/json.ts'
import { lookAtDeployments } from '../../decide/service/look.ts'
import { tasksOfDeployment } from '../../decide/service/proof.ts'
import type { ServiceDeploymentSnapshot, ServiceSnapshot, TaskSnapshot } from '../../decide/service/snapshot.ts'
import { isAwsError } from '../../failure.ts'
import { call, clientConfiguration, type CallPolicy, type Repeat } from './call.ts'
import { DocumentProtocol, sendDocument } from './document.ts'
import { readService, readServiceDeployment, readTask } from './ecs-shapes.ts'

/** Why DescribeServices has nothing to show. */
export type ServiceAbsence = 'no-cluster' | 'no-service'

/** A registered revision: its document as AWS holds it, its tags, its ARN. */
export interface RegisteredTaskDefinition {
  readonly arn: string
  readonly family: string
  readonly revision: number
  /** `ACTIVE`, `INACTIVE`, `DELETE_IN_PROGRESS`. */
  readonly status: string
  readonly document: JsonObject
  readonly tags: readonly JsonObject[]
}

/** The ECS reads by which a deployment is watched; every method throws AwsFailure. */
export interface EcsReads {
  describeService(cluster: string, service: string): Promise<ServiceSnapshot | ServiceAbsence>
  /** `undefined` when there is no such family or revision. */
  describeTaskDefinition(reference: string): Promise<RegisteredTaskDefinition | undefined>
  /** The newest service deployments, newest first; a hundred, which mostly come in one page. */
  listServiceDeployments(cluster: string, service: string): Promise<readonly ServiceDeploymentSnapshot[]>
  /** `undefined` while it is not visible yet. */
  describeServiceDeployment(arn: string): Promise<ServiceDeploymentSnapshot | undefined>
  /** All tasks of a service that should be running, those that still start among them; or of one deployment, `ecs-svc/N`. */
  runningTasks(cluster: string, service: string, deploymentId?: string): Promise<readonly TaskSnapshot[]>
  /** The stopped tasks of a deployment, `ecs-svc/N`, that ECS still remembers (about an hour), about 2,000 at most. */
  stoppedTasks(cluster: string, service: string, deploymentId: string): Promise<readonly TaskSnapshot[]>
}

/** The ECS calls that a deployment needs, nothing more; every method throws AwsFailure. */
export interface EcsPort extends EcsReads {
  /** The reads for whoever looks again and again: one that is not answered fails within seconds. */
  polling(): EcsReads
  /** Not repeated when the answer was lost: a second revision would be registered. */
  registerTaskDefinition(input: JsonObject): Promise<RegisteredTaskDefinition>
  /** Sends `request` as it is; not repeated when the answer was lost: a second deployment could start. */
  updateService(request: JsonObject): Promise<ServiceSnapshot>
  /** Has ECS roll back a deployment in progress; may be repeated, for one that rolls back already may be asked again. */
  stopServiceDeployment(arn: string): Promise<void>
  /** The digest of each container's image, as ECS resolved it for a service revision; empty while it is not known. */
  resolvedDigests(serviceRevisionArn: string): Promise<ReadonlyMap<string, string>>
  /** ARN of the task definition that a service revision runs; `undefined` when there is no such service revision. */
  taskDefinitionOf(serviceRevisionArn: string): Promise<string | undefined>
  /** Names of the clusters of this account and region, for suggestions. */
  clusterNames(): Promise<readonly string[]>
  /** Names of the services of a cluster, for suggestions. */
  serviceNames(cluster: string): Promise<readonly string[]>
}

/** DescribeTasks takes so many ARNs. */
const TASKS_PER_CALL = 100
/** A deployment that crash-loops leaves thousands of stopped tasks an hour, and each hundred costs two calls. */
const MOST_STOPPED_TASKS = 2_000
/** A page takes so many at most, and more of the past decides nothing. */
const SERVICE_DEPLOYMENTS = 100
/** Pages that hold next to nothing are not followed for ever: who looks every few seconds waits for them. */
const MOST_PAGES = 10

type Send = (name: string, command: object, repeat?: Repeat) => Promise<JsonObject>

/** Told of a task definition that is read, or is about to be sent. */
export type OnTaskDefinition = (document: JsonObject) => void

/** The EcsPort over the AWS SDK. */
export function createEcs(policy: CallPolicy, onTaskDefinition: OnTaskDefinition = () => undefined): EcsPort {
  const client = new ECSClient({ ...clientConfiguration(policy), protocol: DocumentProtocol })
  const send: Send = (name, command, repeat = 'safe') =>
    call(policy, `ecs:${name}`, repeat, signal => sendDocument(client, command, signal))

  return {
    ...readsOver(send, onTaskDefinition),
    polling: () => readsOver((name, command) => send(name, command, 'poll'), onTaskDefinition),

    async registerTaskDefinition(input) {
      onTaskDefinition(input)
      const command = new RegisterTaskDefinitionCommand(input as never)
      const look = `aws ecs describe-task-definition --region ${policy.region} --task-definition ${textAt(input, 'family') ?? ''}`
      return readTaskDefinition(await send('RegisterTaskDefinition', command, { repeat: 'only-if-refused', look }))
    },

    async updateService(request) {
      const [cluster, service] = [textAt(request, 'cluster') ?? '', textAt(request, 'service') ?? '']
      const look = lookAtDeployments(policy.region, cluster, service)
      const command = new UpdateServiceCommand(request as never)
      const answer = await send('UpdateService', command, { repeat: 'only-if-refused', look })
      return readService(asObject(answer['service']) ?? {})
    },

    async stopServiceDeployment(serviceDeploymentArn) {
      const command = new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' })
      const look = `aws ecs describe-service-deployments --region ${policy.region} --service-deployment-arns ${serviceDeploymentArn}`
      await send('StopServiceDeployment', command, { repeat: 'idempotent', look })
    },

    async resolvedDigests(serviceRevisionArn) {
      const revision = await readServiceRevision(send, serviceRevisionArn)
      const images = objectsOf(revision?.['containerImages'])
      return new Map(
        images.flatMap(image => {
          const [name, digest] = [asString(image['containerName']), asString(image['imageDigest'])]
          return name === undefined || digest === undefined ? [] : [[name, digest] as const]
        })
      )
    },

    async taskDefinitionOf(serviceRevisionArn) {
      return asString((await readServiceRevision(send, serviceRevisionArn))?.['taskDefinition'])
    },

    async clusterNames() {
      const arns = strings((await send('ListClusters', new ListClustersCommand({})))['clusterArns'])
      return arns.map(shortArn)
    },

    async serviceNames(cluster) {
      const page = await send('ListServices', new ListServicesCommand({ cluster, maxResults: 100 }))
      return strings(page['serviceArns']).map(shortArn)
    }
  }
}

async function readServiceRevision(send: Send, arn: string): Promise<JsonObject | undefined> {
  const command = new DescribeServiceRevisionsCommand({ serviceRevisionArns: [arn] })
  return objectsOf((await send('DescribeServiceRevisions', command))['serviceRevisions'])[0]
}

function readsOver(send: Send, onTaskDefinition: OnTaskDefinition): EcsReads {
  return {
    async describeService(cluster, service) {
      try {
        const answer = await send('DescribeServices', new DescribeServicesCommand({ cluster, services: [service] }))
        const found = objectsOf(answer['services'])[0]
        return found === undefined ? 'no-service' : readService(found)
      } catch (error) {
        if (isAwsError(error, 'ClusterNotFoundException')) return 'no-cluster'
        if (isAwsError(error, 'ServiceNotFoundException')) return 'no-service'
        throw error
      }
    },

    async describeTaskDefinition(taskDefinition) {
      try {
        const command = new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] })
        const found = readTaskDefinition(await send('DescribeTaskDefinition', command))
        onTaskDefinition(found.document)
        return found
      } catch (error) {
        // AWS has no error of its own for an unknown family or revision: it is a ClientException.
        const isUnknown = isAwsError(error, 'ClientException', 'InvalidParameterException')
        if (isUnknown && error.code !== 'access-denied') return undefined
        throw error
      }
    },

    async listServiceDeployments(cluster, service) {
      const listed = await readServiceDeployments(send, cluster, service)
      // That is the order of AWS too, though no page of it says so.
      return listed.toSorted((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0))
    },

    async describeServiceDeployment(arn) {
      const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] })
      const found = objectsOf((await send('DescribeServiceDeployments', command))['serviceDeployments'])[0]
      return found === undefined ? undefined : readServiceDeployment(found)
    },

    runningTasks(cluster, serviceName, deploymentId) {
      const filter = { cluster, serviceName, desiredStatus: 'RUNNING' } as const
      return deploymentId === undefined ? readTasks(send, filter) : readTasksOf(send, deploymentId, filter)
    },
    stoppedTasks: (cluster, serviceName, deploymentId) =>
      readTasksOf(send, deploymentId, { cluster, serviceName, desiredStatus: 'STOPPED' }, MOST_STOPPED_TASKS)
  }
}

/** A page may hold fewer than were asked for, and another one follow all the same. */
async function readServiceDeployments(
  send: Send,
  cluster: string,
  service: string
): Promise<readonly ServiceDeploymentSnapshot[]> {
  const listed: ServiceDeploymentSnapshot[] = []
  let nextToken: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const request = { cluster, service, maxResults: SERVICE_DEPLOYMENTS, ...(nextToken && { nextToken }) }
    const answer = await send('ListServiceDeployments', new ListServiceDeploymentsCommand(request))
    listed.push(...objectsOf(answer['serviceDeployments']).map(readServiceDeployment))
    nextToken = asString(answer['nextToken'])
    if (nextToken === undefined || listed.length >= SERVICE_DEPLOYMENTS) break
  }
  return listed
}

/**
 * ListTasks promises no order, and earlier deployments may have left thousands. No page says that `desiredStatus` may
 * stand beside `startedBy`, but it may: https://github.com/aws/aws-sdk-go-v2/issues/1893 has what may not.
 */
async function readTasksOf(
  send: Send,
  startedBy: string,
  ofService: TaskFilter,
  most?: number
): Promise<readonly TaskSnapshot[]> {
  const { cluster, desiredStatus } = ofService
  try {
    const own = tasksOfDeployment(await readTasks(send, { cluster, startedBy, desiredStatus }, most), startedBy)
    if (own.length > 0) return own
  } catch (error) {
    if (!isAwsError(error, 'InvalidParameterException', 'ClientException')) throw error
  }
  return tasksOfDeployment(await readTasks(send, ofService, most), startedBy)
}

/** Of `startedBy` and `serviceName` ECS takes one. */
interface TaskFilter {
  readonly cluster: string
  readonly serviceName?: string
  readonly startedBy?: string
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
}

/** Page by page, until there are about `most`, and each once: as no order is promised, two pages may name the same. */
async function readTasks(send: Send, filter: TaskFilter, most = Infinity): Promise<readonly TaskSnapshot[]> {
  const { cluster } = filter
  const found = new Map<string, TaskSnapshot>()
  let nextToken: string | undefined
  do {
    const page = await send('ListTasks', new ListTasksCommand({ ...filter, ...(nextToken && { nextToken }) }))
    const arns = strings(page['taskArns'])
    for (let start = 0; start < arns.length; start += TASKS_PER_CALL) {
      const batch = arns.slice(start, start + TASKS_PER_CALL)
      const described = await send('DescribeTasks', new DescribeTasksCommand({ cluster, tasks: batch }))
      for (const task of objectsOf(described['tasks']).map(readTask)) found.set(task.arn, task)
    }
    nextToken = asString(page['nextToken'])
  } while (nextToken !== undefined && found.size < most)
  return [...found.values()]
}

function strings(value: Json | undefined): readonly string[] {
  return asList(value).flatMap(item => asString(item) ?? [])
}

function readTaskDefinition(answer: JsonObject): RegisteredTaskDefinition {
  const document = asObject(answer['taskDefinition']) ?? {}
  return {
    arn: asString(document['taskDefinitionArn']) ?? '',
    family: asString(document['family']) ?? '',
    revision: Number(document['revision'] ?? 0),
    status: asString(document['status']) ?? 'ACTIVE',
    document,
    tags: objectsOf(answer['tags'])
  }
}
