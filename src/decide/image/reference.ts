import { Failure } from '../../failure.ts'
import { withoutLogin } from '../login.ts'
import { canonicalHost } from './ecr-host.ts'
import { isLegalTag, TAG_RULE } from './tag-grammar.ts'

declare const digestBrand: unique symbol

/** `sha256:` and 64 lower-case hex digits: the only digest that ECR gives out and ECS accepts. */
export type Digest = string & { readonly [digestBrand]: true }

/** An image as its parts; neither `latest` nor anything else is added to what was written. */
export interface ImageReference {
  /** Host, with its port if it has one; `docker.io` for Docker Hub. */
  readonly registry: string
  /** Path in the registry, e.g. `team/web`; official Docker Hub images are `library/NAME`. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: Digest
}

/** A repository by its name, and by its registry's host when that was given too. */
export interface RepositoryName {
  readonly registry: string | undefined
  readonly repository: string
}

const DIGEST = /^sha256:[0-9a-f]{64}$/
const HOST =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/

/** Registries and clients cut off here: host, slash and path together (distribution-spec, "Pulling manifests"). */
const MAX_NAME_LENGTH = 255

const DOCKER_HUB = 'docker.io'
const DOCKER_HUB_ALIASES: readonly string[] = [
  DOCKER_HUB,
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com'
]

/** Is this a sha256 digest? */
export function isDigest(text: string): text is Digest {
  return DIGEST.test(text)
}

/** Reads a digest; `invalid-input` when it is not `sha256:` and 64 lower-case hex digits. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new Failure('invalid-input', `'${withoutLogin(text)}' is not an image digest`, {
    remedy: "give 'sha256:' and the 64 lower-case hex digits after it"
  })
}

/** Reads a full image reference by the grammar that registries share; `invalid-input` says what is wrong with it. */
export function parseImageReference(text: string): ImageReference {
  refuseUrl(text)
  refuseLogin(text)
  const at = text.indexOf('@')
  const named = at === -1 ? text : text.slice(0, at)
  const digest = at === -1 ? undefined : parseDigest(text.slice(at + 1))
  // A colon before the last slash belongs to the host's port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const name = colon === -1 ? named : named.slice(0, colon)
  const tag = colon === -1 ? undefined : named.slice(colon + 1)
  if (tag !== undefined && !isLegalTag(tag)) throw illegal(text, `'${tag}' is no legal tag`, TAG_RULE)
  return {
    ...normalise(splitName(name), text),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest })
  }
}

/** Writes a reference out in full, host included. */
export function formatImageReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return `${reference.registry}/${reference.repository}${tag}${digest}`
}

/** Reads a repository's name or URI; `invalid-input` when it names a tag or a digest too, or is not legal. */
export function parseRepository(text: string): RepositoryName {
  refuseUrl(text)
  refuseLogin(text)
  if (text.includes('@') || text.includes(':', text.lastIndexOf('/') + 1)) {
    throw illegal(text, 'a repository has no tag and no digest', 'name the image itself in the input `image`')
  }
  const { host, path } = splitName(text)
  if (host === undefined) return { registry: undefined, repository: checkedPath(path, text) }
  const { registry, repository } = normalise({ host, path }, text)
  return { registry, repository }
}

/** Do both name the same repository, whichever of the registry's host names they use? */
export function sameRepository(
  a: Pick<ImageReference, 'registry' | 'repository'>,
  b: Pick<ImageReference, 'registry' | 'repository'>
): boolean {
  return a.repository === b.repository && canonicalHost(a.registry) === canonicalHost(b.registry)
}

interface SplitName {
  readonly host: string | undefined
  readonly path: string
}

/**
 * The first component is a host when nothing else could be meant by it. Docker takes a word with capitals for one, too;
 * whoever writes `Team/web` means a repository, though, and is told that it has none.
 */
function splitName(name: string): SplitName {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const isHost = first.toLowerCase() === 'localhost' || /[.:]/.test(first)
  return isHost ? { host: first, path: name.slice(slash + 1) } : { host: undefined, path: name }
}

function normalise({ host, path }: SplitName, text: string): ImageReference {
  if (host !== undefined && !HOST.test(host)) throw illegal(text, `'${host}' is no host name`)
  const registry =
    host === undefined || DOCKER_HUB_ALIASES.includes(host.toLowerCase()) ? DOCKER_HUB : host.toLowerCase()
  const repository = checkedPath(path, text)
  const full = registry === DOCKER_HUB && !repository.includes('/') ? `library/${repository}` : repository
  const length = registry.length + 1 + full.length
  if (length > MAX_NAME_LENGTH) {
    throw illegal(text, `host and repository have ${length} characters, and registries take ${MAX_NAME_LENGTH}`)
  }
  return { registry, repository: full }
}

function checkedPath(path: string, text: string): string {
  if (path === '') throw illegal(text, 'the repository is missing')
  if (path.length > MAX_NAME_LENGTH) {
    throw illegal(text, `the repository has ${path.length} characters, and registries take ${MAX_NAME_LENGTH}`)
  }
  if (path !== path.toLowerCase())
    throw illegal(text, 'a repository is written in lower case', `write '${path.toLowerCase()}'`)
  const wrong = path.split('/').find(component => !PATH_COMPONENT.test(component))
  if (wrong !== undefined) {
    throw illegal(
      text,
      wrong === '' ? 'it has an empty part between slashes' : `'${wrong}' is no legal part of a repository`,
      "each part has lower-case letters and digits, with single '.' or '_', '__' or dashes between them"
    )
  }
  return path
}

function refuseUrl(text: string): void {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0]
  if (scheme !== undefined) throw illegal(text, 'it is a URL', `leave '${scheme}' out`)
}

function refuseLogin(text: string): void {
  // No digest has a slash: this `@` ends a user and a password.
  if (!/@[^@]*\//.test(text)) return
  const remedy = 'leave it out, and log in to the registry before this step, e.g. with docker/login-action'
  throw illegal(text, 'it has a login', remedy)
}

function illegal(text: string, why: string, remedy?: string): Failure {
  const details = remedy === undefined ? {} : { remedy }
  return new Failure('invalid-input', `'${withoutLogin(text)}' is not an image reference: ${why}`, details)
}
