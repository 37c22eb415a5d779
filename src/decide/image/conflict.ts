import { REVISION_LABEL } from './labels.ts'
import type { Digest } from './reference.ts'
import { isSameSource } from './source.ts'

/** What a tag was seen to point at before it is given out. */
export type TagTarget =
  | { readonly kind: 'absent' }
  | { readonly kind: 'image'; readonly digest: Digest; readonly commit?: string }
  /** Moved to the archive storage class: hidden from listings, but the tag is still taken. */
  | { readonly kind: 'archived'; readonly digest?: Digest }

/** The tag that is wanted, and the image it is wanted for. */
export interface WantedTag {
  readonly repository: string
  readonly tag: string
  readonly digest: Digest
  /** Full commit id the image was built from, when it is known. */
  readonly commit?: string
}

/** Whether a tag may be put on an image: it is free, already there, or somebody else's. */
export type TagComparison =
  | { readonly kind: 'absent' }
  | { readonly kind: 'same' }
  | { readonly kind: 'conflict'; readonly sentence: string; readonly remedy: string }

/** What an image says about where it comes from. */
export interface StatedOrigin {
  /** Full commit id. */
  readonly revision: string | undefined
  /** URL of the repository with that commit. */
  readonly source: string | undefined
}

/** An image that was found by the tag of a commit, and what it should say of itself. */
export interface FoundByCommit extends Omit<WantedTag, 'commit'> {
  readonly commit: string
  /** URL of this run's repository; undefined outside GitHub. */
  readonly source: string | undefined
}

/** Whether an image that has a commit's tag was built from that commit, as far as it says. */
export type OriginComparison =
  | { readonly kind: 'same' }
  /** The labels are those of a base image. */
  | { readonly kind: 'inherited'; readonly from: string }
  | { readonly kind: 'conflict'; readonly sentence: string; readonly remedy: string }

/** With 12 digits, two of 100,000 commits meet once in 50,000 such repositories. */
const SAFE_SHA_LENGTH = 12

/** Compares where a tag points with where it should; never decided from the name of an exception. */
export function compareTag(found: TagTarget, wanted: WantedTag): TagComparison {
  const name = `${wanted.repository}:${wanted.tag}`
  switch (found.kind) {
    case 'absent':
      return { kind: 'absent' }
    case 'archived':
      return {
        kind: 'conflict',
        sentence: `the tag ${name} belongs to an archived image${found.digest === undefined ? '' : ` (${found.digest})`}`,
        remedy: 'an archived image keeps its tags, also when it is restored: choose another tag'
      }
    case 'image':
      if (found.digest === wanted.digest) return { kind: 'same' }
      return {
        kind: 'conflict',
        sentence:
          `the tag ${name} already points at ${found.digest}${builtFrom(found.commit)}, ` +
          `and this run's image is ${wanted.digest}${builtFrom(wanted.commit)}; it was left as it is`,
        remedy: wayOut(found.commit, wanted)
      }
  }
}

/** Why nothing is built for a tag that is taken. */
export function describeTaken(name: string, target: Exclude<TagTarget, { kind: 'absent' }>): string {
  if (target.kind === 'archived')
    return `the tag ${name} belongs to an archived image already, so nothing is built for it`
  const built = target.commit === undefined ? '' : `${builtFrom(target.commit)},`
  return `the tag ${name} points at ${target.digest}${built} already, so nothing is built for it`
}

/** What is said of a tag that was written beside the digest of another image; `name` is the tag with its repository. */
export function describeUntrue(name: string, digest: string, target: TagTarget): string {
  const other =
    target.kind === 'image'
      ? `is on ${target.digest}`
      : target.kind === 'absent'
        ? 'is on no image'
        : 'is on an archived image'
  return `the image is taken by its digest ${digest}: the tag ${name} ${other}`
}

function builtFrom(commit: string | undefined): string {
  return commit === undefined ? '' : `, built from commit ${commit}`
}

function wayOut(foundCommit: string | undefined, wanted: WantedTag): string {
  const digits = /-([0-9a-f]{7,})$/.exec(wanted.tag)?.[1]
  const isShared = digits !== undefined && foundCommit?.startsWith(digits) && wanted.commit?.startsWith(digits)
  if (isShared && foundCommit !== wanted.commit) {
    return longerTag(digits)
  }
  if (foundCommit !== undefined && wanted.commit !== undefined && foundCommit !== wanted.commit) {
    return 'give this image another tag or version: the one of the other commit stays with it'
  }
  if (foundCommit !== undefined && foundCommit === wanted.commit) {
    return (
      'the same commit was built twice: run this job again, which then takes the image that is there, ' +
      `or name that one with 'image: ${wanted.tag}'`
    )
  }
  const otherwise = digits === undefined ? 'give this image another tag or version' : 'build from a new commit'
  return `deploy the image that is there with 'image: ${wanted.tag}', or ${otherwise}`
}

function longerTag(digits: string): string {
  return `set 'sha-length' to ${Math.max(SAFE_SHA_LENGTH, digits.length + 4)}: two commits begin with ${digits}`
}

/**
 * Compares what an image says with the commit by whose tag it was found: short commit ids meet, and tags may have been
 * moved. Who says nothing is believed, and so is the tag where the labels speak of another repository: a build that sets
 * none has those of its base image.
 */
export function compareOrigin(stated: StatedOrigin, found: FoundByCommit): OriginComparison {
  const { revision, source } = stated
  if (revision === undefined || revision === found.commit) return { kind: 'same' }
  const digits = /-([0-9a-f]{7,})$/.exec(found.tag)?.[1]
  const isShared = digits !== undefined && revision.startsWith(digits)
  if (!isShared && isForeign(source, found.source)) {
    return { kind: 'inherited', from: source }
  }
  return {
    kind: 'conflict',
    sentence:
      `the tag ${found.repository}:${found.tag} points at ${found.digest}${builtFrom(revision)}, ` +
      `and this run is about commit ${found.commit}`,
    remedy: isShared
      ? longerTag(digits)
      : `if it is the right one, name it with 'image: ${found.tag}' (a build that sets no label ${REVISION_LABEL} has ` +
        "that of its base image); if not, give this commit another tag with 'sha-length'"
  }
}

/**
 * The commit that an image says it was built from; undefined where it says none, or its labels speak of another
 * repository than `own`: those are of its base image.
 */
export function ownRevision({ revision, source }: StatedOrigin, own: string | undefined): string | undefined {
  return isForeign(source, own) ? undefined : revision
}

function isForeign(source: string | undefined, own: string | undefined): source is string {
  return source !== undefined && own !== undefined && !isSameSource(source, own)
}
