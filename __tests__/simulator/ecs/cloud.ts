import { createEcs, type Ecs } from '../../../simulator/cloud/ecs/ecs.ts'
import type { Service } from '../../../simulator/cloud/ecs/model.ts'
import type { Behaviour, ImageResolution, ImageSource } from '../../../simulator/cloud/images.ts'
import { Timeline } from '../../../simulator/cloud/timeline.ts'
import type { World } from '../../../simulator/cloud/world.ts'
import { ecsProtocol } from '../../../simulator/protocol/ecs/ecs.ts'
import type { JsonObject } from '../../../simulator/protocol/operation.ts'

/** When every test begins: 2026-01-01T00:00:00Z. */
export const START_MS = Date.UTC(2026, 0, 1)
export const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'

const CALLER = { region: 'eu-west-1', account: '123456789012', host: '127.0.0.1:1' }

/** A registry in which every tag of `app` behaves as the test says; any digest of it is `sha256:<tag>`. */
export class Shelf implements ImageSource {
  readonly behaviours = new Map<string, Behaviour | 'missing' | 'other-platform'>()

  resolve(reference: string): ImageResolution {
    if (!reference.startsWith(`${HOST}/app`)) return { kind: 'unreachable' }
    const tag = reference.slice(`${HOST}/app`.length + 1).replace('sha256:', '')
    const behaviour = this.behaviours.get(tag) ?? 'healthy'
    if (behaviour === 'missing') return { kind: 'not-found' }
    if (behaviour === 'other-platform') return { kind: 'no-platform' }
    return { kind: 'resolved', image: { digest: `sha256:${tag}`, platformDigest: `sha256:platform-${tag}`, behaviour } }
  }
}

/** A cloud with one cluster `main`, driven call by call and second by second. */
export class Cloud {
  readonly timeline = new Timeline(START_MS)
  readonly images = new Shelf()
  readonly ecs: Ecs
  readonly #operations

  constructor(
    service: Partial<NonNullable<NonNullable<World['clusters']>[number]['services']>[number]>,
    world: World = {}
  ) {
    this.ecs = createEcs({
      world: {
        clusters: [{ name: 'main', services: [{ name: 'web', image: 'app:v1', desiredCount: 1, ...service }] }],
        ...world
      },
      account: CALLER.account,
      region: CALLER.region,
      timeline: this.timeline,
      images: this.images,
      registryHost: HOST
    })
    this.#operations = ecsProtocol(this.ecs).operations
  }

  get service(): Service {
    const service = this.ecs.engine.clusters.get('main')?.services.get('web')
    if (service === undefined) throw new Error('the service is gone')
    return service
  }

  /** Seconds since the test began. */
  get seconds(): number {
    return (this.timeline.now() - START_MS) / 1000
  }

  call(operation: string, input: JsonObject = {}): JsonObject {
    const run = this.#operations[operation]
    if (run === undefined) throw new Error(`no operation ${operation}`)
    return JSON.parse(JSON.stringify(run(input, CALLER))) as JsonObject
  }

  advance(seconds: number): void {
    this.timeline.advanceTo(this.timeline.now() + seconds * 1000)
  }

  /** Advances second by second until `done`, at most `limit` seconds. */
  until(done: () => boolean, limit = 7200): void {
    for (let second = 0; second < limit && !done(); second += 1) this.advance(1)
    if (!done()) throw new Error(`not so after ${String(limit)} s: ${JSON.stringify(this.ecs.state())}`)
  }

  /** Registers a revision that runs `app:<tag>` and updates the service to it. Returns its ARN. */
  deploy(tag: string, input: JsonObject = {}): string {
    const arn = this.register({ image: `${HOST}/app:${tag}` })
    this.call('UpdateService', { cluster: 'main', service: 'web', taskDefinition: arn, ...input })
    return arn
  }

  register(container: JsonObject, document: JsonObject = {}): string {
    const { taskDefinition } = this.call('RegisterTaskDefinition', {
      family: 'web',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: 'arn:aws:iam::123456789012:role/exec',
      containerDefinitions: [{ name: 'web', image: `${HOST}/app:v1`, ...container }],
      ...document
    }) as { taskDefinition: { taskDefinitionArn: string } }
    return taskDefinition.taskDefinitionArn
  }

  describe(): Described {
    const { services } = this.call('DescribeServices', { cluster: 'main', services: ['web'] }) as unknown as {
      services: [Described]
    }
    return services[0]
  }

  newestServiceDeployment(): JsonObject {
    const { serviceDeployments } = this.call('ListServiceDeployments', { cluster: 'main', service: 'web' }) as {
      serviceDeployments: [{ serviceDeploymentArn: string }]
    }
    const described = this.call('DescribeServiceDeployments', {
      serviceDeploymentArns: [serviceDeployments[0].serviceDeploymentArn]
    }) as { serviceDeployments: [JsonObject] }
    return described.serviceDeployments[0]
  }

  tasks(desiredStatus = 'RUNNING'): readonly DescribedTask[] {
    const { taskArns } = this.call('ListTasks', { cluster: 'main', serviceName: 'web', desiredStatus }) as {
      taskArns: string[]
    }
    if (taskArns.length === 0) return []
    return this.call('DescribeTasks', { cluster: 'main', tasks: taskArns }).tasks as unknown as DescribedTask[]
  }

  /** Events since the test began, oldest first, as `+seconds message`, ids replaced by letters in the order they appear. */
  story(): readonly string[] {
    const letters = new Map<string, string>()
    const name = (id: string): string => {
      const letter = letters.get(id) ?? String.fromCharCode(65 + letters.size)
      letters.set(id, letter)
      return letter
    }
    return this.service.events
      .filter(event => event.createdAt >= START_MS)
      .toReversed()
      .map(({ createdAt, message }) => {
        const text = message
          .replace(/ecs-svc\/(\d{19})/g, (_, id: string) => `ecs-svc/${name(id)}`)
          .replace(/task ([0-9a-f]{32})/g, (_, id: string) => `task ${name(id)}`)
          .replace(/target-group arn:\S+?\/[0-9a-f]{16}/g, 'target-group G')
          .replace(/^\(service web\) /, '')
        return `+${String(Math.floor((createdAt - START_MS) / 1000))} ${text}`
      })
  }
}

export interface DescribedDeployment {
  readonly id: string
  readonly status: string
  readonly taskDefinition: string
  readonly desiredCount: number
  readonly runningCount: number
  readonly pendingCount: number
  readonly failedTasks: number
  readonly rolloutState: string
  readonly rolloutStateReason: string
  readonly createdAt: number
}

export interface Described {
  readonly taskDefinition: string
  readonly desiredCount: number
  readonly runningCount: number
  readonly pendingCount: number
  readonly status: string
  readonly deployments: readonly [DescribedDeployment, ...DescribedDeployment[]]
  readonly currentServiceDeployment?: string
  readonly currentServiceRevisions: readonly { readonly arn: string }[]
}

export interface DescribedTask {
  readonly taskArn: string
  readonly lastStatus: string
  readonly startedBy: string
  readonly stopCode?: string
  readonly stoppedReason?: string
  readonly healthStatus: string
  readonly startedAt?: number
  readonly containers: readonly [
    { readonly image: string; readonly imageDigest?: string; readonly exitCode?: number; readonly reason?: string }
  ]
}
