/** An image as a container definition names it, taken apart without judging it. */
export interface ImageName {
  readonly repository: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/**
 * Takes `repository[:tag][@digest]` apart. Unlike a parser it accepts anything: a task definition file may well hold
 * a placeholder until its image is set.
 */
export function splitImage(image: string): ImageName {
  const at = image.indexOf('@')
  const digest = at < 0 ? undefined : image.slice(at + 1)
  const name = at < 0 ? image : image.slice(0, at)
  const colon = name.lastIndexOf(':')
  // A colon before a slash is the port of a registry.
  if (colon <= name.lastIndexOf('/')) return { repository: name, tag: undefined, digest }
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1), digest }
}

/** Whether an image lies in a repository, given as a URI or, for any registry, as a name. */
export function isInRepository(image: string, repository: string): boolean {
  const { repository: own } = splitImage(image)
  if (own === repository) return true
  const slash = own.indexOf('/')
  const host = own.slice(0, Math.max(slash, 0))
  const isHost = host === 'localhost' || /[.:]/.test(host)
  return isHost && own.slice(slash + 1) === repository
}
