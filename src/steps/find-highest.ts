import { quoted } from '../decide/wording.ts'
import { isCommitTag, mayNameCommit } from '../decide/version/image-tag.ts'
import {
  NOTHING_SEEN,
  survey,
  type Versioned,
  type VersionFilter,
  type VersionSurvey
} from '../decide/version/highest.ts'
import { Failure, isAwsError } from '../failure.ts'
import type { LocatedRepository } from './locate-repository.ts'
import { readOrigin } from './read-origin.ts'

/** The highest version in a repository; fails with `image-not-found`, saying what there is, when none counts. */
export async function findHighest(
  located: LocatedRepository,
  filter: VersionFilter,
  source?: string
): Promise<Versioned> {
  const seen = await surveyVersions(located, filter, 'active', source)
  if (seen.highest !== undefined) return seen.highest
  const { range, prerelease } = filter
  const wanted = range === undefined ? 'no version' : `no version within ${range}`
  const there =
    seen.top === undefined
      ? `none of its ${String(seen.tags)} tags is a version`
      : `it has ${String(seen.versions)} versions up to ${seen.top.tag}`
  const hint = !prerelease && seen.top !== undefined ? ", or set 'prerelease' to true if one of those is meant" : ''
  throw new Failure('image-not-found', `repository ${quoted(located.repository.name)} has ${wanted}; ${there}`, {
    remedy: `push an image with a tag as 1.4.2${range === undefined ? '' : ", widen 'version-range'"}${hint}`
  })
}

/**
 * What versions a repository has; nothing but the highest is kept of a hundred thousand. A highest one that may be
 * BRANCH-SHA (`2.0.0-1234567`) is looked at, and where it is, everything is read again without it: one commit in thirty
 * has no letter in its first seven digits. `source` is the URL of this run's repository, where there is one.
 */
export async function surveyVersions(
  located: LocatedRepository,
  filter: VersionFilter,
  which: Which,
  source?: string
): Promise<VersionSurvey> {
  const commits = new Set<string>()
  for (;;) {
    const seen = await surveyTags(located, filter, which, commits)
    const { highest } = seen
    if (highest === undefined || !mayNameCommit(highest.tag)) return seen
    if (!isCommitTag(highest.tag, await readOrigin(located, highest, source))) return seen
    commits.add(highest.tag)
  }
}

type Which = 'active' | 'archived-too'

async function surveyTags(
  { ecr, repository }: LocatedRepository,
  filter: VersionFilter,
  which: Which,
  commits: ReadonlySet<string>
): Promise<VersionSurvey> {
  let seen = NOTHING_SEEN
  try {
    for await (const page of ecr.tagPages(repository.name, which)) seen = survey(seen, page, filter, commits)
  } catch (error) {
    // A dry run does not create the repository that the run itself would.
    if (!isAwsError(error, 'RepositoryNotFoundException')) throw error
  }
  return seen
}
