import {
  deniedAction,
  essence,
  executionRole,
  find,
  hostIn,
  NO_CONNECTION,
  NO_PERMISSION,
  tail,
  type Cause,
  type StopRule,
  type Subject
} from './stop-rule.ts'

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html */
const PULL =
  /CannotPull|pull(?:ing)? (?:the |an )?image|cannot pull '|can't pull '|pull access denied|resolve ref|registry auth|\becr:|Amazon ECR|Elastic Container Registry|role .{0,200}permissions to pull|dkr\.ecr|docker\.io|GetImageBlob|manifest unknown/i

/** What is wrong with the image itself, told apart before anything that a registry can answer. */
export const IMAGE_RULES: readonly StopRule[] = [
  {
    all: [/matching platform|no matching manifest|no match for platform/i],
    read: (text, { container, hasSiblings = false }) => {
      const platform = find(text, /(?:platform|manifest for)[\s"'(:]{1,4}([a-z0-9]+\/[a-z0-9_]+(?:\/v\d+)?)/i)
      const image = hasSiblings && container !== undefined ? `the image of container ${container}` : 'the image'
      return {
        code: 'platform-mismatch',
        words: `${image} has no ${platform ?? 'matching platform'}${platform === undefined ? '' : ' variant'}`,
        remedy:
          `build the image for ${platform ?? "the task's platform"} too (input platforms), ` +
          'or set runtimePlatform in the task definition to what the image has',
        heals: 'no'
      }
    }
  },
  { all: [/exec format error/i], read: (_, { container }) => wrongArchitecture(container) },
  {
    all: [/toomanyrequests:|429 Too Many|pull rate limit/i],
    read: (text, subject) => ({
      code: 'pull-rate-limited',
      words: `the registry's pull rate limit stopped the pull of ${imageOf(text, subject)}`,
      remedy: 'mirror the image into ECR, use an ECR pull-through cache, or give repositoryCredentials',
      heals: 'maybe'
    })
  },
  {
    all: [/no space left on device/i],
    read: (text, subject) => ({
      code: 'disk-full',
      words: `there is no disk space left for ${imageOf(text, subject)}`,
      remedy: 'raise ephemeralStorage in the task definition, or free the disk of the container instance',
      heals: 'maybe'
    })
  }
]

/** Why an image could not be had; a reason about secrets or logs has been taken out before. */
export const PULL_RULES: readonly StopRule[] = [
  {
    // A registry that does not say whether a digest is there answers 403 to the one that pulled it before.
    all: [PULL, /Status Code: 404|HEAD request to .*sha256:[0-9a-f]{1,64}: 403 Forbidden|no longer exists/i],
    read: notFound
  },
  {
    all: [
      PULL,
      /pull access denied|authorization failed|unauthorized|no basic auth|403 Forbidden|role .{0,200}has (?:the )?permissions to pull/i
    ],
    read: pullDenied
  },
  { all: [PULL, NO_PERMISSION], read: pullDenied },
  { all: [PULL, /not found|manifest unknown|does not exist/i], read: notFound },
  {
    all: [PULL, NO_CONNECTION],
    read: text => ({
      code: 'network-unreachable',
      words: `the task cannot reach ${hostIn(text) ?? 'the registry'}`,
      remedy:
        'give the subnets a way out (NAT gateway, assignPublicIp in a public subnet, or endpoints for ecr.api, ecr.dkr ' +
        'and S3) and allow outgoing port 443 in the security group',
      heals: 'maybe'
    })
  },
  {
    all: [PULL],
    read: (text, subject) => ({
      code: 'task-failed-to-start',
      words: `${imageOf(text, subject)} could not be pulled: ${essence(text)}`,
      remedy: 'look at the whole message of the stopped task in the ECS console; Fargate cuts off long ones',
      heals: 'maybe'
    })
  }
]

/** The cause of a binary that the CPU does not understand; on Fargate only the log says so. */
export function wrongArchitecture(container: string | undefined): Cause {
  const where = container === undefined ? 'a container' : `container ${container}`
  return {
    code: 'platform-mismatch',
    words: `${where} holds a binary for another CPU architecture (exec format error)`,
    remedy:
      'build the image for the platform of the task (input platforms), or set runtimePlatform to what it was built for',
    heals: 'no'
  }
}

function notFound(text: string, subject: Subject): Cause {
  return {
    code: 'image-not-found',
    words: `${imageOf(text, subject)} is not in the registry`,
    remedy: 'push the image, or correct its name; when a lifecycle rule deleted it, build and deploy it again',
    heals: 'no'
  }
}

function pullDenied(text: string, subject: Subject): Cause {
  const action = deniedAction(text)
  const isHub = /docker\.io/i.test(text)
  return {
    code: 'pull-denied',
    words:
      action === undefined
        ? `the registry refused the pull of ${imageOf(text, subject)}`
        : `${executionRole(text)} may not call ${action} to pull ${imageOf(text, subject)}`,
    remedy: isHub
      ? 'write the full URI of the image (a bare name means Docker Hub), or give repositoryCredentials'
      : 'attach AmazonECSTaskExecutionRolePolicy to the execution role; for a repository of another account, allow it there too',
    heals: 'no',
    isRight: true
  }
}

/** What follows the image's name in the known messages is a colon, a comma, a quote or the end. */
const NAMED_IMAGE: readonly RegExp[] = [
  /resolve ref(?:erence)? "?([^\s"',]+?)"?[:,]?(?:\s|$)/i,
  /pull access denied for ([^\s"',]+?)[:,]?(?:\s|$)/i,
  /pull (?:the )?(?:image )?'([^']+)'/i,
  /manifest for ([^\s"',]+) not found/i,
  /pulling image "?([^\s"',]+?)"?[:,]?(?:\s|$)/i
]

function imageOf(text: string, subject: Subject): string {
  const image = find(text, ...NAMED_IMAGE) ?? subject.image
  return image === undefined ? 'the image' : `the image ${tail(image)}`
}
