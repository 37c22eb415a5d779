import { Failure, type FailureCode } from '../../failure.ts'

interface Cause {
  readonly pattern: RegExp
  readonly code: FailureCode
  readonly sentence: string
  readonly remedy: string
}

const SETUP_BUILDX = 'run docker/setup-buildx-action before this action'

const DISK_FULL: Cause = {
  pattern: /no space left on device/i,
  code: 'build-failed',
  sentence: 'the disk of the machine that builds is full',
  remedy: 'free some room, e.g. with docker system prune, or use a runner with a larger disk'
}

/** Texts of the docker client, buildx and registries, most telling first. */
const CAUSES: readonly Cause[] = [
  {
    pattern: /cannot connect to the docker daemon|error during connect|dial unix \S+: connect/i,
    code: 'docker-unavailable',
    sentence: 'the Docker engine does not answer',
    remedy: 'start it, use a runner that has one, or give an image that is already pushed in `image`'
  },
  {
    pattern: /permission denied while trying to connect to the docker/i,
    code: 'docker-unavailable',
    sentence: 'this user may not use the Docker engine',
    remedy: 'add the user of the runner to the group docker'
  },
  {
    pattern:
      /'buildx' is not a docker command|unknown command: docker buildx|unknown flag: --progress|unknown shorthand flag/i,
    code: 'docker-unavailable',
    sentence: 'docker has no buildx',
    remedy: SETUP_BUILDX
  },
  {
    pattern:
      /multi-platform build is not supported for the docker driver|multiple platforms feature is currently not supported/i,
    code: 'docker-unavailable',
    sentence: 'this Docker engine cannot build for several platforms',
    remedy: SETUP_BUILDX
  },
  {
    pattern: /(?:attestation is|attestations are|cache export is) not supported for the docker driver/i,
    code: 'docker-unavailable',
    sentence: 'this Docker engine can neither attach attestations nor export a cache',
    remedy: `${SETUP_BUILDX}; without it, leave out provenance, sbom and cache-to`
  },
  DISK_FULL,
  {
    pattern: /login attempt to \S+ failed with status: 40[013]/i,
    code: 'credentials',
    sentence: 'the registry refused the token',
    remedy: 'check that the registry is in the account and region that the credentials are for'
  },
  {
    pattern: /authorization token has expired|token (?:is|has) expired/i,
    code: 'credentials',
    sentence: 'the token for the registry has expired',
    remedy: 'run the job again; the token of ECR is good for 12 hours'
  },
  {
    pattern: /not authorized to perform: ecr:\w+/i,
    code: 'access-denied',
    sentence: 'the credentials may not push to the repository',
    remedy:
      'allow ecr:BatchCheckLayerAvailability, InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload and PutImage'
  },
  {
    pattern: /the repository with name '[^']*' does not exist|name unknown: /i,
    code: 'repository-not-found',
    sentence: 'the registry has no such repository',
    remedy: 'create it first'
  },
  {
    pattern:
      /failed to read dockerfile|(?:unable to|cannot) (?:prepare context|locate).*dockerfile|dockerfile cannot be empty/i,
    code: 'file-not-found',
    sentence: 'the Dockerfile cannot be read',
    remedy: 'correct `file` and `context`; `file` is relative to the workspace'
  },
  {
    pattern:
      /(?:failed to push|pushing|push access).*(?:403 forbidden|401 unauthorized|denied|no basic auth credentials)/i,
    code: 'access-denied',
    sentence: 'the registry refused the push',
    remedy: 'check that the credentials may push to this repository'
  }
]

/** `#7 1.234 text` in the course of the build, `1.234 text` in the excerpt at its end. */
const STEP_OUTPUT = /^(?:#\d+ )?\d+\.\d+ /

/** How buildx and the engine begin the line that says what went wrong. */
const ERROR = /^(?:ERROR:? |Error response from daemon: )/

/** What each layer of BuildKit puts before the message that counts. */
const WRAPPING =
  /^(?:failed to (?:solve|build): |rpc error: code = \w+ desc = |failed to solve with frontend [\w.]+: |failed to create LLB definition: )+/

/** Lines that tell nothing by themselves. */
const NOISE =
  /^(?:-{3,}|\s*|View build details: .*|Build multi-platform .*|Switch to a different driver, .*|Learn more at .*)$/

/** A failed build in one sentence: a cause with a remedy where the text is known, else its last meaningful line. */
export function explainBuildFailure(lines: readonly string[]): Failure {
  const last = lastWord(lines)
  // What a step of the build prints is no statement about this build's engine or registry.
  const own = lines.filter(line => !STEP_OUTPUT.test(line)).join('\n')
  const known =
    CAUSES.find(({ pattern }) => pattern.test(last)) ??
    CAUSES.find(({ pattern }) => pattern.test(own)) ??
    (lines.some(line => DISK_FULL.pattern.test(line)) ? DISK_FULL : undefined)
  if (known !== undefined) return new Failure(known.code, `${known.sentence}: ${last}`, { remedy: known.remedy })
  const at = lines.findLast(line => /^\S+:\d+$/.test(line))
  return new Failure('build-failed', `the image could not be built: ${last}${at === undefined ? '' : ` (${at})`}`)
}

function lastWord(lines: readonly string[]): string {
  const error = lines.findLast(line => ERROR.test(line)) ?? lines.findLast(line => !NOISE.test(line))
  return (error ?? 'it said nothing').replace(ERROR, '').replace(WRAPPING, '').trim()
}
