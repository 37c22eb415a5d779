import { isRemoteContext } from '../decide/image/build.ts'
import type { Commit } from '../decide/image/commit.ts'
import { isSameSource, sourceOfContext } from '../decide/image/source.ts'
import { versionOfImageTag } from '../decide/version/image-tag.ts'
import { versionOfGitTag, type GitTagVersion, type Version } from '../decide/version/tag.ts'
import { Failure } from '../failure.ts'
import type { ImagePlan } from '../steps/choose-image.ts'
import { countVersion, type ImageVersion } from '../steps/find-version.ts'
import type { DeployRun } from './deploy.ts'

/** Where the version of an image in ECR comes from: the input, the git tag, the image itself, or the commits. */
export function versionOf(run: DeployRun, commit: () => Commit): ImagePlan['version'] {
  return async (located, image) => {
    const { version, tagPrefix } = run.inputs.image
    if (version.kind === 'highest') return stated(versionOfImageTag(image?.foundBy ?? ''))
    if (version.kind !== 'auto') return stated(await givenVersion(run, commit))
    const pushed = await versionFromGitTag(run, commit)
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
  return { own: version, last: version, isNew: false }
}

/** The version that was given by hand or by a git tag, whatever image it is for. */
export async function givenVersion(run: DeployRun, commit: () => Commit): Promise<Version | undefined> {
  const { version } = run.inputs.image
  switch (version.kind) {
    case 'exact':
      return version.version
    case 'from-git-tag':
      return versionFromGitTag(run, commit)
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
 * Fails with `invalid-input` when the image would get the version of a git tag that is on another commit: a version
 * cannot be taken back.
 */
export async function requireTaggedCommit(run: DeployRun, commit: () => Commit): Promise<void> {
  const { kind } = run.inputs.image.version
  if (kind !== 'auto' && kind !== 'from-git-tag') return
  if (gitTagVersion(run, commit)?.kind !== 'version') return
  const { name, sha } = commit()
  const tagged = await taggedCommit(run, name)
  if (tagged === undefined || tagged === sha) return
  throw new Failure(
    'invalid-input',
    `the git tag ${name} is on commit ${tagged}, and this run is about commit ${sha}`,
    {
      remedy: `check out what has the tag (ref: refs/tags/${name}), or give the version by hand in 'version'`
    }
  )
}

/** The full id of the commit that a git tag is on: the event's where it started the run, else as the clone has it. */
async function taggedCommit(run: DeployRun, name: string): Promise<string | undefined> {
  const { event, world, inputs } = run
  if (inputs.image.commit.ref === undefined) return event.sha.toLowerCase()
  const git = await world.git(placeOfSources(run))
  if ((await git.depth()) === 'none') return undefined
  return (await git.tags()).find(tag => tag.name === name)?.sha
}

async function versionFromGitTag(run: DeployRun, commit: () => Commit): Promise<Version | undefined> {
  const found = gitTagVersion(run, commit)
  if (found?.kind === 'version') {
    await requireTaggedCommit(run, commit)
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
