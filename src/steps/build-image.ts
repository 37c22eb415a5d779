import { isRemoteContext, secretsOf, type Build } from '../decide/image/build.ts'
import type { Commit } from '../decide/image/commit.ts'
import { originLabels } from '../decide/image/labels.ts'
import type { Emit } from '../event.ts'
import type { World } from '../world.ts'
import { findImage, lookUpImage, type RunImage } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'

/** A manifest that was just pushed through one door of ECR is at times not there yet behind the other. */
const MOST_LOOKS = 5
const LOOK_PAUSE_MS = 1_000

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
  const [docker, { username, password }, created] = await Promise.all([
    world.docker(),
    ecr.login(),
    committedAt(world, build.context, commit.sha)
  ])
  for (const secret of [password, ...secretsOf(build)]) world.addMask(secret)
  const labels = originLabels({
    revision: commit.sha,
    // What is fetched by its commit is of nobody knows which branch.
    ...(!isRemoteContext(build.context) && { refName: commit.name }),
    ...(source !== undefined && { source }),
    ...(version !== undefined && { version }),
    ...(created !== undefined && { created })
  })
  const order = { build, repositoryUri: repository.uri, login: { username, password }, labels }
  const { digest, temporaryTag } = await docker.buildAndPush(order, world.signal)
  const image = await confirm(world, located, digest)
  emit({ kind: 'image-built', repository: repository.uri, digest })
  return temporaryTag === undefined ? image : { ...image, temporaryTag }
}

/** What buildx calls the digest has been the image's id on old engines: only what ECR has under it counts. */
async function confirm(world: World, located: LocatedRepository, digest: string): Promise<RunImage> {
  for (let look = 1; look < MOST_LOOKS; look++) {
    const image = await lookUpImage(located, { digest })
    if (image !== undefined) return image
    await world.clock.sleep(LOOK_PAUSE_MS, world.signal)
  }
  return findImage(located, { digest }, 'the push did not arrive: run the job again')
}

/** The time of the commit and not of the build, which would make every rebuild another image. */
async function committedAt(world: World, context: string, sha: string): Promise<string | undefined> {
  try {
    const git = await world.git(isRemoteContext(context) ? '.' : context)
    return await git.committedAt(sha)
  } catch {
    // A label more or less is no reason not to build.
    return undefined
  }
}
