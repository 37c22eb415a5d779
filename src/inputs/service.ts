import { quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { InputName } from './defaults.ts'
import type { InputReader } from './reader.ts'

/** A service, and where it is. */
export interface ServiceTarget {
  readonly name: string
  /** As the API takes it: an ARN when the cluster or the service was given by ARN, so that AWS checks the account. */
  readonly cluster: string
  /** The region that an ARN names. */
  readonly region: string | undefined
}

/** The service to deploy to, and what is asked of it besides the revision. */
export interface ServiceInputs extends ServiceTarget {
  readonly changes: ServiceChangeInputs
  /** What is done while somebody else's deployment is in progress. */
  readonly onConflict: 'wait' | 'fail' | 'supersede'
}

/** What UpdateService is asked for besides the revision; absent members are not sent. */
export interface ServiceChangeInputs {
  readonly circuitBreaker: 'enable' | 'require' | 'ignore'
  readonly forceNewDeployment: boolean
  readonly desiredCount?: number
  readonly propagateTags?: 'TASK_DEFINITION' | 'SERVICE' | 'NONE'
  readonly enableEcsManagedTags?: boolean
}

/** How long and how closely the deployment is watched. */
export interface WatchInputs {
  /** False: the run ends once the deployment was started. */
  readonly isWanted: boolean
  readonly budgetMs: number
  readonly pollMs: number
  /** A deployment of which no task ran counts as a failure. */
  readonly requireProof: boolean
  /** What becomes of a deployment that failed when ECS does not roll it back by itself. */
  readonly onFailure: 'rollback' | 'leave'
  /** What a cancelled job does with the deployment that it has started. */
  readonly onCancel: 'leave' | 'rollback'
}

interface ClusterName {
  readonly cluster: string
  readonly clusterName: string
  readonly region?: string
}

interface ServiceName extends Partial<ClusterName> {
  readonly name: string
}

const MS_PER_SECOND = 1_000
const MS_PER_MINUTE = 60_000

/** A budget of nothing would end the watch before its first look. */
const LEAST_MINUTES = 0.001

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html (serviceName) */
const NAME = /^[A-Za-z0-9_-]{1,255}$/
const CLUSTER_ARN =
  /^(?<prefix>arn:aws[a-z-]*:ecs:(?<region>[a-z0-9-]+):\d{12}):cluster\/(?<name>[A-Za-z0-9_-]{1,255})$/
/** Services made before 2018 may have an ARN without their cluster. */
const SERVICE_ARN =
  /^(?<prefix>arn:aws[a-z-]*:ecs:(?<region>[a-z0-9-]+):\d{12}):service\/((?<cluster>[A-Za-z0-9_-]{1,255})\/)?(?<name>[A-Za-z0-9_-]{1,255})$/

/** What can only be asked of a service. */
const SERVICE_ONLY: readonly InputName[] = [
  'auto-scaling',
  'require-proof',
  'on-failure',
  'on-cancel',
  'on-conflict',
  'force-new-deployment',
  'desired-count',
  'propagate-tags',
  'enable-ecs-managed-tags'
]

/** Reads the inputs about the service; undefined when none is named. */
export function readServiceInputs(reader: InputReader): ServiceInputs | undefined {
  const changes = readServiceChanges(reader)
  const onConflict = reader.choice('on-conflict', ['wait', 'fail', 'supersede'])
  const target = readServiceTarget(reader)
  if (target === undefined) {
    for (const name of SERVICE_ONLY) {
      if (!reader.isSet('service') && reader.isSet(name)) {
        reader.refuse(
          `input ${name} is ${quoted(reader.verbatim(name).trim())}, but no service is named; give service too`
        )
      }
    }
    return undefined
  }
  return { ...target, changes, onConflict }
}

/** Reads which service is meant; undefined when none is named. */
export function readServiceTarget(reader: InputReader): ServiceTarget | undefined {
  const text = reader.line('cluster')
  const cluster = reader.parsed('cluster', () => parseCluster(text))
  const service = readServiceName(reader)
  if (service === undefined) return undefined
  if (cluster !== undefined && reader.isSet('cluster') && contradicts(service, cluster)) {
    reader.refuse(`input service is in the cluster ${quoted(service.cluster ?? '')}, but cluster is ${quoted(text)}`)
  }
  const place = { ...cluster, ...service }
  return { name: service.name, cluster: place.cluster ?? text, region: place.region }
}

/** Reads the inputs about watching. */
export function readWatchInputs(reader: InputReader): WatchInputs {
  const seconds = reader.number('poll-seconds', { least: 0.05, most: 300 })
  const cap = reader.optionalNumber('wait-max-delay-seconds', { least: 0.05, most: 3600 }) ?? seconds
  const inputs = {
    isWanted: reader.flag('wait-for-service-stability'),
    budgetMs: Math.round(reader.number('wait-for-minutes', { least: LEAST_MINUTES, most: 1440 }) * MS_PER_MINUTE),
    pollMs: Math.round(Math.min(seconds, cap) * MS_PER_SECOND),
    requireProof: reader.flag('require-proof'),
    onFailure: reader.choice('on-failure', ['rollback', 'leave']),
    onCancel: reader.choice('on-cancel', ['leave', 'rollback'])
  }
  if (!inputs.isWanted && inputs.requireProof) {
    reader.refuse('input require-proof is true, but nothing is proven with wait-for-service-stability: false')
  }
  return inputs
}

/** Reads what happens to the service's auto scaling during the deployment. */
export function readScaling(reader: InputReader, watch: WatchInputs): 'keep' | 'suspend' {
  const scaling = reader.choice('auto-scaling', ['keep', 'suspend'])
  if (scaling === 'suspend' && !watch.isWanted) {
    reader.refuse(
      "input auto-scaling is 'suspend', but with wait-for-service-stability: false the run ends before it could be put back"
    )
  }
  return scaling
}

function readServiceChanges(reader: InputReader): ServiceChangeInputs {
  const desiredCount = reader.optionalNumber('desired-count', { least: 0, most: 2_147_483_647, isWhole: true })
  const propagateTags = reader.optionalChoice('propagate-tags', ['TASK_DEFINITION', 'SERVICE', 'NONE'])
  const enableEcsManagedTags = reader.optionalFlag('enable-ecs-managed-tags')
  return {
    circuitBreaker: reader.choice('circuit-breaker', ['enable', 'require', 'ignore']),
    forceNewDeployment: reader.flag('force-new-deployment'),
    ...(desiredCount !== undefined && { desiredCount }),
    ...(propagateTags !== undefined && { propagateTags }),
    ...(enableEcsManagedTags !== undefined && { enableEcsManagedTags })
  }
}

function readServiceName(reader: InputReader): ServiceName | undefined {
  const services = reader.list('service')
  const [service, second] = services
  if (service === undefined) return undefined
  if (second === undefined) return reader.parsed('service', () => parseService(service))
  reader.refuse(
    `input service names ${services.length} services (${services.map(quoted).join(', ')}); exactly one can be deployed in a run`
  )
  return undefined
}

function parseService(text: string): ServiceName {
  if (text.startsWith('arn:')) {
    const { prefix, region, cluster, name } = SERVICE_ARN.exec(text)?.groups ?? {}
    if (prefix !== undefined && region !== undefined && name !== undefined) {
      if (cluster === undefined) return { name, region }
      return { name, region, cluster: `${prefix}:cluster/${cluster}`, clusterName: cluster }
    }
  } else {
    const [first = '', second, third] = text.split('/')
    if (second === undefined && NAME.test(first)) return { name: first }
    if (second !== undefined && third === undefined && NAME.test(first) && NAME.test(second)) {
      return { name: second, cluster: first, clusterName: first }
    }
  }
  throw new Failure('invalid-input', `${quoted(text)} is no service`, {
    remedy: 'write name, cluster/name, or arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME'
  })
}

function parseCluster(text: string): ClusterName {
  if (NAME.test(text)) return { cluster: text, clusterName: text }
  const { name, region } = CLUSTER_ARN.exec(text)?.groups ?? {}
  if (name !== undefined && region !== undefined) return { cluster: text, clusterName: name, region }
  throw new Failure('invalid-input', `${quoted(text)} is no cluster`, {
    remedy: 'write a name of letters, digits, _ and -, or arn:aws:ecs:REGION:ACCOUNT:cluster/NAME'
  })
}

/** Do both say where the service is, and differently? An ARN is compared whole with an ARN only. */
function contradicts(service: ServiceName, cluster: ClusterName): boolean {
  if (service.clusterName !== undefined && service.clusterName !== cluster.clusterName) return true
  const bothArns = service.cluster?.startsWith('arn:') === true && cluster.cluster.startsWith('arn:')
  return bothArns && service.cluster !== cluster.cluster
}
