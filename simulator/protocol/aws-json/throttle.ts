import { AwsError } from '../operation.ts'

interface Bucket {
  readonly burst: number
  readonly refillPerSecond: number
  readonly operations: readonly string[]
}

/**
 * Request rates per account and Region; the operations of a row share one bucket.
 * ECS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
 * ECR: https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html, which gives a rate and no burst.
 * CloudWatch Logs: quota of GetLogEvents. Application Auto Scaling publishes none, so its calls pass.
 */
const BUCKETS: Readonly<Record<string, readonly Bucket[]>> = {
  ecs: [
    { burst: 50, refillPerSecond: 20, operations: ['DescribeClusters', 'ListClusters'] },
    { burst: 20, refillPerSecond: 1, operations: ['RegisterTaskDefinition', 'DeregisterTaskDefinition'] },
    {
      burst: 50,
      refillPerSecond: 20,
      operations: ['DescribeTaskDefinition', 'ListTaskDefinitions', 'ListTaskDefinitionFamilies']
    },
    { burst: 20, refillPerSecond: 10, operations: ['TagResource', 'UntagResource'] },
    { burst: 50, refillPerSecond: 20, operations: ['ListTagsForResource'] },
    { burst: 100, refillPerSecond: 40, operations: ['RunTask', 'StopTask'] },
    { burst: 100, refillPerSecond: 20, operations: ['DescribeTasks', 'ListTasks'] },
    { burst: 50, refillPerSecond: 5, operations: ['CreateService', 'UpdateService', 'DeleteService'] },
    { burst: 100, refillPerSecond: 20, operations: ['DescribeServices', 'ListServices'] },
    {
      burst: 50,
      refillPerSecond: 20,
      operations: [
        'DescribeServiceDeployments',
        'ListServiceDeployments',
        'StopServiceDeployment',
        'ContinueServiceDeployment'
      ]
    },
    { burst: 50, refillPerSecond: 20, operations: ['DescribeServiceRevisions'] }
  ],
  ecr: [
    { burst: 500, refillPerSecond: 500, operations: ['GetAuthorizationToken'] },
    { burst: 2000, refillPerSecond: 2000, operations: ['BatchGetImage'] },
    { burst: 1000, refillPerSecond: 1000, operations: ['BatchCheckLayerAvailability'] },
    { burst: 3000, refillPerSecond: 3000, operations: ['GetDownloadUrlForLayer'] },
    { burst: 10, refillPerSecond: 10, operations: ['PutImage'] },
    { burst: 100, refillPerSecond: 100, operations: ['InitiateLayerUpload'] },
    { burst: 500, refillPerSecond: 500, operations: ['UploadLayerPart'] },
    { burst: 100, refillPerSecond: 100, operations: ['CompleteLayerUpload'] }
  ],
  logs: [{ burst: 25, refillPerSecond: 25, operations: ['GetLogEvents'] }]
}

interface Level {
  tokens: number
  atMs: number
}

/** The token buckets of one account: a call takes a token or is refused. */
export class Throttle {
  readonly #levels = new Map<string, Level>()
  readonly #now: () => number

  /** `now` is the time of whoever calls, in milliseconds: a client that backs off must find its bucket refilled. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Takes a token; throws ThrottlingException when the bucket of the operation in this region is empty. */
  take(region: string, service: string, operation: string): void {
    const rows = BUCKETS[service] ?? []
    const row = rows.findIndex(bucket => bucket.operations.includes(operation))
    const bucket = rows[row]
    if (bucket === undefined) return
    const key = `${region}/${service}/${String(row)}`
    const now = this.#now()
    const level = this.#levels.get(key) ?? { tokens: bucket.burst, atMs: now }
    const refilled = level.tokens + ((now - level.atMs) / 1000) * bucket.refillPerSecond
    level.tokens = Math.min(bucket.burst, refilled)
    level.atMs = now
    this.#levels.set(key, level)
    if (level.tokens < 1) throw new AwsError('ThrottlingException', 'Rate exceeded')
    level.tokens -= 1
  }
}
