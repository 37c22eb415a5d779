import { isRemoteContext } from '../decide/image/build.ts'
import type { Commit } from '../decide/image/commit.ts'
import { versionOfImageTag } from '../decide/version/image-tag.ts'
import { versionOfGitTag, type Version } from '../decide/version/tag.ts'
import { Failure } from '../failure.ts'
import type { ImagePlan } from '../steps/choose-image.ts'
import { countVersion, type ImageVersion } from '../steps/find-version.ts'
import type { DeployRun } from './deploy.ts'

/** Where the version of an image in ECR comes from: the input, the git tag, the image itself, or the commits. */
export function versionOf(run: DeployRun, commit: () => Commit): ImagePlan['version'] {
  return async (located, image) => {
    const { version, tagPrefix } = run.inputs.image
    if (version.kind === 'highest') return stated(versionOfImageTag(image?.foundBy ?? ''))
    if (version.kind !== 'auto') return stated(givenVersion(run, commit))
    const pushed = versionFromGitTag(run, commit)
    const counting = { rules: version.rules, paths: version.paths, tagPrefix, pushed, commit: commit() }
    return countVersion(await run.world.git(placeOfSources(run)), located, image, counting, run.emit)
  }
}

/** Where the sources of the image lie in the workspace, as far as inputs tell. */
function placeOfSources({ inputs }: DeployRun): string {
  const { build } = inputs.image
  return build === undefined || isRemoteContext(build.context) ? '.' : build.context
}

/** A version that is given and not counted. */
export function stated(version: Version | undefined): ImageVersion {
  return { own: version, last: version, isNew: false }
}

/** The version that was given by hand or by a git tag, whatever image it is for. */
export function givenVersion(run: DeployRun, commit: () => Commit): Version | undefined {
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

function versionFromGitTag(run: DeployRun, commit: () => Commit): Version | undefined {
  if (!run.event.ref.startsWith('refs/tags/') && run.inputs.image.commit.ref === undefined) return undefined
  const { kind, name } = commit()
  if (kind !== 'tag') return undefined
  const found = versionOfGitTag(name, run.inputs.image.tagPrefix)
  if (found.kind === 'version') return found.version
  if (found.why !== undefined) run.emit({ kind: 'note', text: found.why })
  return undefined
}
