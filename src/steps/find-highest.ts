import { quoted } from '../decide/wording.ts'
import {
  NOTHING_SEEN,
  survey,
  type Versioned,
  type VersionFilter,
  type VersionSurvey
} from '../decide/version/highest.ts'
import { Failure, isAwsError } from '../failure.ts'
import type { LocatedRepository } from './locate-repository.ts'

/** The highest version in a repository; fails with `image-not-found`, saying what there is, when none counts. */
export async function findHighest(located: LocatedRepository, filter: VersionFilter): Promise<Versioned> {
  const seen = await surveyVersions(located, filter, 'active')
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

/** What versions a repository has; nothing but the highest is kept of a hundred thousand. */
export async function surveyVersions(
  { ecr, repository }: LocatedRepository,
  filter: VersionFilter,
  which: 'active' | 'archived-too'
): Promise<VersionSurvey> {
  let seen = NOTHING_SEEN
  try {
    for await (const page of ecr.tagPages(repository.name, which)) seen = survey(seen, page, filter)
  } catch (error) {
    // A dry run does not create the repository that the run itself would.
    if (!isAwsError(error, 'RepositoryNotFoundException')) throw error
  }
  return seen
}
