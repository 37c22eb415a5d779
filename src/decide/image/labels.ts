/** What an image says about where it comes from; the annotation keys of the OCI image specification. */
export interface ImageOrigin {
  /** Full commit id of what was built. */
  readonly revision: string
  /** URL of the repository with the source. */
  readonly source?: string
  readonly version?: string
  /** RFC 3339. A time of the commit keeps rebuilds identical; the time of the build would make each one differ. */
  readonly created?: string
  /** Branch or git tag. */
  readonly refName?: string
}

const PREFIX = 'org.opencontainers.image.'

/** The label by which an image is recognised as built from a commit. */
export const REVISION_LABEL = `${PREFIX}revision`

/** The label that says whose commit that is: an image inherits both from its base image when its build sets neither. */
export const SOURCE_LABEL = `${PREFIX}source`

/** `KEY=VALUE` labels for the build; what is not known is left out. */
export function originLabels(origin: ImageOrigin): readonly string[] {
  const pairs: readonly (readonly [string, string | undefined])[] = [
    [REVISION_LABEL, origin.revision],
    [SOURCE_LABEL, origin.source],
    [`${PREFIX}version`, origin.version],
    [`${PREFIX}created`, origin.created],
    [`${PREFIX}ref.name`, origin.refName]
  ]
  return pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
}
