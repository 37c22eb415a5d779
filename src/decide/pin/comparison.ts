/** What a registry told of an image that a digest or a tag names. */
export interface NamedManifest {
  /** Its own digest first, then for an index those of its platforms. */
  readonly digests: readonly string[]
  /** `unread`: nobody showed it, so that it may be either. */
  readonly kind: 'index' | 'image' | 'unread'
}

/**
 * Is the image that a file names the one that a task reports? Either may be named by its index and by that of its
 * platform, so digests that are not equal mean something only when it is known what one of them is. `running` is not
 * asked for when the file's image tells all.
 */
export async function compareImages(
  named: NamedManifest,
  digest: string,
  running: () => Promise<NamedManifest>
): Promise<'same' | 'other' | 'unclear'> {
  if (named.digests.includes(digest)) return 'same'
  if (named.kind === 'index') return 'other'
  const { digests, kind } = await running()
  if (named.digests.some(own => digests.includes(own))) return 'same'
  // Of two images, or of an index and what does not belong to it, neither is the other's.
  if (kind === 'index' || (kind === 'image' && named.kind === 'image')) return 'other'
  return 'unclear'
}
