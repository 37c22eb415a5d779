import { isRemoteContext } from '../decide/image/build.ts'
import type { Commit } from '../decide/image/commit.ts'
import { isSameSource, sourceOfContext } from '../decide/image/source.ts'
import { versionOfImageTag } from '../decide/version/image-tag.ts'
import { versionOfGitTag, type GitTagVersion, type Version } from '../decide/version/tag.ts'
import { Failure } from '../failure.ts'
import type { ImagePlan } from '../steps/choose-image.ts'
import type { RunImage } from '../steps/find-image.ts'
import { countVersion, type ImageVersion } from '../steps/find-version.ts'
import { readTarget } from '../steps/look-up-tags.ts'
import type { DeployRun } from './deploy.ts'

/** Where the version of an image in ECR comes from: the input, the git tag, the image itself, or the commits. */
export function versionOf(run: DeployRun, commit: () => Commit): ImagePlan['version'] {
  return async (located, image) => {
    const { version, tagPrefix } = run.inputs.image
    const receiver = image ?? 'to-be-built'
    if (version.kind === 'highest') return stated(versionOfImageTag(image?.foundBy ?? ''))
    if (version.kind !== 'auto') return stated(await givenVersion(run, commit, receiver))
    const pushed = await versionFromGitTag(run, commit, receiver)
    const paths = version.paths ?? (await ownPaths(run))
    const counting = { rules: version.rules, paths, tagPrefix, pushed, commit: commit(), source: sourceOf(run) }
    return countVersion(await run.world.git(placeOfSources(run)), located, image, counting, run.emit)
  }
}

/** Where the sources of the image lie in the workspace, as far as inputs tell. */
function placeOfSources({ inputs }: DeployRun): string {
  const { build } = inputs.image
  return build === undefined || isRemoteContext(build.context) ? '.' : build.context
}

/** Where the package that is built lies in its clone, if it has versions of its own and is less than the whole. */
async function ownPaths(run: DeployRun): Promise<readonly string[]> {
  const place = placeOfSources(run)
  if (run.inputs.image.tagPrefix === '' || place === '.') return []
  const path = (await run.world.checkout(place)).place
  return path === undefined || path === '' ? [] : [path]
}

/** URL of the repository that the image is built from; of an image that is there, the run's own. */
export function sourceOf({ inputs, source }: DeployRun): string | undefined {
  const { build } = inputs.image
  if (build === undefined || !isRemoteContext(build.context)) return source
  const fetched = sourceOfContext(build.context)
  return source !== undefined && isSameSource(fetched, source) ? source : fetched
}

/** A version that is given and not counted. */
export function stated(version: Version | undefined): ImageVersion {
  return { own: version, last: version, isNew: false, isCounted: false }
}

/** What gets the version of a run: an image in ECR, the one that is to be built there, or none. */
type Receiver = RunImage | 'to-be-built' | 'none'

/** The version that was given by hand or by a git tag, whatever image it is for. */
export async function givenVersion(
  run: DeployRun,
  commit: () => Commit,
  receiver: Receiver = 'none'
): Promise<Version | undefined> {
  const { version } = run.inputs.image
  switch (version.kind) {
    case 'exact':
      return version.version
    case 'from-git-tag':
      return versionFromGitTag(run, commit, receiver)
    case 'auto':
    case 'highest':
      throw new Failure(
        'invalid-input',
        `version is '${version.kind}', and no container gets an image of an ECR repository`,
        {
          remedy: 'leave version out, or name an image of a repository in ECR'
        }
      )
  }
}

/**
 * Fails when the image to be built would get the version of a git tag that is on another commit (`invalid-input`), or
 * nobody knows where in a clone without it (`history-missing`): a version cannot be taken back.
 */
export async function requireTaggedCommit(run: DeployRun, commit: () => Commit): Promise<void> {
  const { kind } = run.inputs.image.version
  if (kind !== 'auto' && kind !== 'from-git-tag') return
  const found = gitTagVersion(run, commit)
  if (found?.kind === 'version') await findDoubt(run, commit(), 'to-be-built', found.version)
}

/** Why it is not known that the git tag of the run is on its commit; fails where the version must not be put then. */
async function findDoubt(
  run: DeployRun,
  { name, sha }: Commit,
  receiver: Receiver,
  version: Version
): Promise<string | undefined> {
  const tagged = await findTaggedCommit(run, name)
  const byHand = "or give the version by hand in 'version'"
  if (tagged.kind === 'known') {
    if (tagged.sha === sha) return undefined
    throw new Failure(
      'invalid-input',
      `the git tag ${name} is on commit ${tagged.sha}, and this run is about commit ${sha}`,
      {
        remedy: `check out what has the tag (actions/checkout with ref: refs/tags/${name}), ${byHand}`
      }
    )
  }
  if (typeof receiver !== 'string' && (await hasTag(receiver, version))) return undefined
  const doubt = `whether the git tag ${name} is on commit ${sha} is not known`
  if (tagged.kind === 'no-clone') return `${doubt}: there is no git clone that could tell`
  if (receiver === 'none') return `${doubt}: the clone does not have the tag`
  throw new Failure(
    'history-missing',
    `${doubt}: the clone does not have the tag, and its version is for that commit`,
    {
      remedy: `check out what has the tag (actions/checkout with ref: refs/tags/${name}), fetch it (fetch-tags: true), ${byHand}`
    }
  )
}

/** A version that the image has already is not put on it. */
async function hasTag(image: RunImage, version: Version): Promise<boolean> {
  const target = await readTarget(image, version)
  return target.kind === 'image' && target.digest === image.stored.digest
}

/** The commit that a git tag is on, as far as anybody here knows. */
type TaggedCommit =
  | { readonly kind: 'known'; readonly sha: string }
  /** There is no clone, or one that does not have the tag. */
  | { readonly kind: 'no-clone' | 'no-tag' }

/** The event knows it of its own tag, and of others the clone. */
async function findTaggedCommit(run: DeployRun, name: string): Promise<TaggedCommit> {
  const { event, world, inputs } = run
  const { ref = event.ref } = inputs.image.commit
  if (ref === event.ref) return { kind: 'known', sha: event.sha.toLowerCase() }
  const git = await world.git(placeOfSources(run))
  if ((await git.depth()) === 'none') return { kind: 'no-clone' }
  const sha = (await git.tags()).find(tag => tag.name === name)?.sha
  return sha === undefined ? { kind: 'no-tag' } : { kind: 'known', sha }
}

async function versionFromGitTag(
  run: DeployRun,
  commit: () => Commit,
  receiver: Receiver
): Promise<Version | undefined> {
  const found = gitTagVersion(run, commit)
  if (found?.kind === 'version') {
    const doubt = await findDoubt(run, commit(), receiver, found.version)
    if (doubt !== undefined) run.emit({ kind: 'warning', text: doubt })
    return found.version
  }
  if (found?.why !== undefined) run.emit({ kind: 'note', text: found.why })
  return undefined
}

/** What the git tag of the run says about the version; undefined when the run is about none. */
function gitTagVersion({ event, inputs }: DeployRun, commit: () => Commit): GitTagVersion | undefined {
  if (!event.ref.startsWith('refs/tags/') && inputs.image.commit.ref === undefined) return undefined
  const { kind, name } = commit()
  return kind === 'tag' ? versionOfGitTag(name, inputs.image.tagPrefix) : undefined
}
