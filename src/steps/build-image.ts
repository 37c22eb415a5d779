import { secretVariables, type Build } from '../decide/image/build.ts'
import type { Commit } from '../decide/image/commit.ts'
import { originLabels } from '../decide/image/labels.ts'
import type { Emit } from '../event.ts'
import type { World } from '../world.ts'
import { findImage, type RunImage } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'

/** What is built from which commit. */
export interface BuildPlan {
  readonly build: Build
  readonly commit: Commit
  readonly version: string | undefined
  /** URL of the repository with the source; undefined outside GitHub. */
  readonly source: string | undefined
}

/** Builds the image, pushes it without touching a tag that exists, and has ECR confirm its digest. */
export async function buildImage(
  world: World,
  located: LocatedRepository,
  { build, commit, version, source }: BuildPlan,
  emit: Emit
): Promise<RunImage> {
  emit({ kind: 'phase', title: 'Building the image' })
  const { ecr, repository } = located
  const docker = await world.docker()
  const { username, password } = await ecr.login()
  for (const secret of [password, ...secretVariables(build).values()]) world.addMask(secret)
  const labels = originLabels({
    revision: commit.sha,
    refName: commit.name,
    ...(source !== undefined && { source }),
    ...(version !== undefined && { version })
  })
  const order = { build, repositoryUri: repository.uri, login: { username, password }, labels }
  const { digest, temporaryTag } = await docker.buildAndPush(order, world.signal)
  // What buildx calls the digest has been the image's id on old engines: only what ECR has under it counts.
  const image = await findImage(located, { digest }, 'the push did not arrive: run the job again')
  emit({ kind: 'image-built', repository: repository.uri, digest })
  return temporaryTag === undefined ? image : { ...image, temporaryTag }
}
