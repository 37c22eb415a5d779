import type { Digest } from './reference.ts'

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
        remedy: 'restore that image from the archive (ecr update-image-storage-class), or choose another tag'
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

function builtFrom(commit: string | undefined): string {
  return commit === undefined ? '' : `, built from commit ${commit}`
}

function wayOut(foundCommit: string | undefined, wanted: WantedTag): string {
  const digits = /-([0-9a-f]{7,})$/.exec(wanted.tag)?.[1]
  const isShared = digits !== undefined && foundCommit?.startsWith(digits) && wanted.commit?.startsWith(digits)
  if (isShared && foundCommit !== wanted.commit) {
    return `set 'sha-length' to ${Math.max(SAFE_SHA_LENGTH, digits.length + 4)}: two commits begin with ${digits}`
  }
  if (foundCommit !== undefined && wanted.commit !== undefined && foundCommit !== wanted.commit) {
    return 'give this image another tag or version: the one of the other commit stays with it'
  }
  return `deploy the image that is there with 'image: ${wanted.tag}', or build from a new commit`
}
