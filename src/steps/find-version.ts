import type { Commit } from '../decide/image/commit.ts'
import { listed, quoted } from '../decide/wording.ts'
import { isRevert, largestChange, titleOf, type LargestChange } from '../decide/version/commits.ts'
import type { VersionSurvey } from '../decide/version/highest.ts'
import { mayNameCommit, versionsOfImage, type Origin } from '../decide/version/image-tag.ts'
import { lastVersion, nextVersion, type LastVersions, type VersionRules } from '../decide/version/next.ts'
import { compareVersions, isPrerelease } from '../decide/version/order.ts'
import { gitTagOf, releasedVersion, type Version } from '../decide/version/tag.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { Git, GitTag } from '../io/git.ts'
import { surveyVersions } from './find-highest.ts'
import { readRevisionLabel, type RunImage } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'
import { readOrigin } from './read-origin.ts'
import { warnOfTags } from './warn-of-tags.ts'

/** The version of an image. */
export interface ImageVersion {
  /** The one that the image has, or gets as a tag. */
  readonly own: Version | undefined
  /** `own`, else the last one there is. */
  readonly last: Version | undefined
  /** Whether no image had it before. */
  readonly isNew: boolean
  /** Whether it is the next one, which another run may count meanwhile, too. */
  readonly isCounted: boolean
}

const CHECK_OUT = "check the repository out with actions/checkout and 'fetch-depth: 0'"

/** How the next version is counted. */
export interface Counting {
  readonly rules: VersionRules
  /** Package of a monorepo whose git tags count; empty when they have no prefix. */
  readonly tagPrefix: string
  /** Below the root of the clone; empty: all of it. */
  readonly paths: readonly string[]
  /** The version in the git tag that was pushed, if one was. */
  readonly pushed: Version | undefined
  readonly commit: Commit
  /** URL of the repository with that commit. */
  readonly source: string | undefined
}

/**
 * The version of an image by the commits since the last one (`image` undefined: it is not built yet). A pushed git tag
 * goes before, and an image that has a version keeps it. Fails with `history-missing` when the clone does not have what
 * is counted from.
 */
export async function countVersion(
  git: Git,
  located: LocatedRepository,
  image: RunImage | undefined,
  counting: Counting,
  emit: Emit
): Promise<ImageVersion> {
  const { commit, rules, pushed } = counting
  const versions = image === undefined ? [] : await versionsOf(located, image, counting.source, emit)
  if (pushed !== undefined) {
    emit({ kind: 'note', text: `version ${pushed}, by the git tag that was pushed` })
    return { own: pushed, last: pushed, isNew: !versions.includes(pushed), isCounted: false }
  }
  const kept = versions.findLast(version => rules.prerelease || !isPrerelease(version))
  if (kept !== undefined) {
    emit({ kind: 'note', text: `the image has the version ${kept} already` })
    return { own: kept, last: kept, isNew: false, isCounted: false }
  }
  if (commit.isProposed) return unreleased(git, located, counting, emit)
  await requireHistory(git, commit)
  await requirePaths(git, counting, emit)
  const tagged = gitVersions(await git.tags(), counting)
  const given = highestOf(
    tagged.filter(({ sha, version }) => sha === commit.sha && (rules.prerelease || !isPrerelease(version)))
  )
  if (given !== undefined) {
    emit({ kind: 'note', text: `version ${given.version}, by the git tag on this commit` })
    return { own: given.version, last: given.version, isNew: true, isCounted: false }
  }
  const seen = await surveyAll(located, counting.source)
  const history: History = { git, located, tagged, seen, counting }
  const last = lastVersions(history)
  const sinceStable = await changeSince(history, last.stable)
  const isSame = last.highest === last.stable || !rules.prerelease
  const sinceHighest = isSame ? sinceStable : await changeSince(history, last.highest)
  const changes = { stable: sinceStable?.change, highest: sinceHighest?.change }
  const next = nextVersion(last, changes, rules)
  emit({ kind: 'note', text: explain(next, last, sinceStable ?? sinceHighest, rules) })
  const isNew = next !== undefined
  return { own: next, last: next ?? lastVersion(last, rules), isNew, isCounted: isNew }
}

/**
 * A pull request makes no version: it may never be merged, and what is merged is another commit. How far the versions
 * are is known without its history, which checkouts of pull requests do not have.
 */
async function unreleased(git: Git, located: LocatedRepository, counting: Counting, emit: Emit): Promise<ImageVersion> {
  const tagged = (await git.depth()) === 'none' ? [] : gitVersions(await git.tags(), counting)
  const last = lastVersions({ tagged, seen: await surveyAll(located, counting.source) })
  const text = 'no new version: the commit is not merged yet, and the one that gets merged is what auto releases'
  emit({ kind: 'note', text })
  return { own: undefined, last: lastVersion(last, counting.rules), isNew: false, isCounted: false }
}

/** Prereleases are seen where none are made, too: the first stable version is no lower than they are. */
function surveyAll(located: LocatedRepository, source: string | undefined): Promise<VersionSurvey> {
  return surveyVersions(located, { range: undefined, prerelease: true }, 'archived-too', source)
}

/** What a version is counted from. */
interface History {
  readonly git: Git
  readonly located: LocatedRepository
  readonly tagged: readonly GitVersion[]
  readonly seen: VersionSurvey
  readonly counting: Counting
}

interface GitVersion {
  readonly version: Version
  readonly sha: string
}

/** The versions among the tags of an image, the highest last. */
async function versionsOf(
  { ecr, repository }: LocatedRepository,
  image: RunImage,
  source: string | undefined,
  emit: Emit
): Promise<readonly Version[]> {
  const tags = await ecr.tagsOf(repository.name, { digest: image.stored.digest })
  warnOfTags('deployed here', tags.length, emit)
  const label = tags.some(mayNameCommit) ? await readRevisionLabel(image, source).catch(() => undefined) : undefined
  return [...versionsOfImage({ label, tags })].sort(compareVersions)
}

async function requireHistory(git: Git, commit: Commit): Promise<void> {
  const depth = await git.depth()
  const isThere = depth === 'whole' && (await git.findCommit(commit.sha)) !== undefined
  if (isThere) return
  const sentence = {
    none: 'the workspace is no git clone, so there are no commits to count a version from',
    shallow: 'the clone is shallow, so the commits since the last version are not there',
    whole: `commit ${commit.sha} is not in the clone, so the commits before it are not known`
  }[depth]
  throw missing(sentence)
}

/** Where nothing lies no commit changes anything, and no version would ever be made. */
async function requirePaths(git: Git, { commit, paths }: Counting, emit: Emit): Promise<void> {
  const found = paths.length === 0 ? [] : await git.findPaths(commit.sha, paths)
  const absent = paths.filter(path => !found.includes(path)).map(quoted)
  if (absent.length === 0) return
  const sentence = `commit ${commit.sha.slice(0, 12)} has nothing at ${listed(absent)}`
  const remedy = "name what the version is about in 'version-paths', from the root of the repository"
  // One of several may have been there once.
  if (found.length > 0) emit({ kind: 'warning', text: `${sentence}, whose commits count for the version: ${remedy}` })
  else throw new Failure('invalid-input', `${sentence}, so no commit would ever count for a version`, { remedy })
}

function missing(sentence: string, remedy = CHECK_OUT): Failure {
  return new Failure('history-missing', sentence, { remedy: `${remedy}, or give the version in 'version'` })
}

function gitVersions(tags: readonly GitTag[], { tagPrefix }: Counting): readonly GitVersion[] {
  return tags.flatMap(({ name, sha }) => {
    const version = releasedVersion(name, tagPrefix)
    return version === undefined ? [] : [{ version, sha }]
  })
}

function highestOf(versions: readonly GitVersion[]): GitVersion | undefined {
  let highest: GitVersion | undefined
  for (const each of versions) {
    if (highest === undefined || compareVersions(each.version, highest.version) > 0) highest = each
  }
  return highest
}

function lastVersions({ tagged, seen }: Pick<History, 'tagged' | 'seen'>): LastVersions {
  const stable = highestOf(tagged.filter(({ version }) => !isPrerelease(version)))
  return {
    stable: higher(stable?.version, seen.stable?.version),
    highest: higher(highestOf(tagged)?.version, seen.highest?.version)
  }
}

function higher(a: Version | undefined, b: Version | undefined): Version | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compareVersions(a, b) >= 0 ? a : b
}

/** The largest change since a version was made; without a version nothing is counted. */
async function changeSince(history: History, version: Version | undefined): Promise<LargestChange | undefined> {
  if (version === undefined) return undefined
  const { git, counting } = history
  const since = await commitOf(history, version)
  const range = { since, until: counting.commit.sha }
  const commits = await git.commits({ ...range, paths: counting.paths })
  // A merge that was reverted takes along what it brought.
  return largestChange(commits, commits.some(isRevert) ? await git.parents(range) : undefined)
}

/** The commit that a version was made from: by its git tag, else by what its image says. */
async function commitOf({ git, located, tagged, seen, counting }: History, version: Version): Promise<string> {
  const byTag = tagged.find(candidate => candidate.version === version)
  if (byTag !== undefined) return byTag.sha
  const versioned = [seen.highest, seen.stable].find(candidate => candidate?.version === version)
  const named = versioned === undefined ? [] : commitsNamedBy(await readOrigin(located, versioned, counting.source))
  for (const id of named) {
    const found = await git.findCommit(id)
    if (found !== undefined) return found
  }
  const known = named.length === 0 ? 'its image does not say which' : `${named.join(', ')} is not in the clone`
  const name = gitTagOf(version, counting.tagPrefix)
  throw missing(
    `the commit that version ${version} was made from is not known: ${known}`,
    `${named.length === 0 ? '' : `${CHECK_OUT}; where that is done already, `}put the git tag ${name} on the commit and push it`
  )
}

/** The ids of the commit that an image was built from: its label's, else those that its tags end in. */
function commitsNamedBy({ label, tags }: Origin): readonly string[] {
  return label === undefined ? tags.flatMap(tag => /-([0-9a-f]{7,40})$/.exec(tag)?.[1] ?? []) : [label]
}

function explain(
  next: Version | undefined,
  last: LastVersions,
  reason: LargestChange | undefined,
  rules: VersionRules
): string {
  const { stable, highest } = last
  const counted = lastVersion(last, rules)
  if (highest === undefined) return `version ${next ?? ''}, the first one`
  if (counted === undefined) return `version ${next ?? ''}, the first one that is no prerelease; there is ${highest}`
  if (next === undefined || reason === undefined) return `nothing since version ${counted} asks for a new one`
  const { change, commit } = reason
  const why = `${change} ${quoted(titleOf(commit.message))} (${commit.sha.slice(0, 7)})`
  const isKept = change === 'breaking' && rules.majorZero === 'keep' && stable?.startsWith('0.') === true
  const rule = isKept ? '; below 1.0.0 a breaking change raises minor (major-zero)' : ''
  return `version ${next} after ${counted}, by the ${why}${rule}`
}
