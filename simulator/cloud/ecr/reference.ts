/** An image reference taken apart; `host` is absent for the short names of Docker Hub. */
export interface Reference {
  readonly host?: string
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}

/** Takes `host/name:tag@digest` apart as Docker does: a first part with a dot or a port, or `localhost`, is a host. */
export function parseReference(reference: string): Reference {
  const [named = '', digest] = reference.split('@')
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const path = colon < 0 ? named : named.slice(0, colon)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  const slash = path.indexOf('/')
  const first = slash < 0 ? '' : path.slice(0, slash)
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  return {
    ...(hasHost ? { host: first } : {}),
    repository: hasHost ? path.slice(slash + 1) : path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest })
  }
}
