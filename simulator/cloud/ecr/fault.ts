/** What can be wrong with a request, named as ECR's API names it; the registry endpoint words the same in its own codes. */
export type FaultKind =
  | 'EmptyUpload'
  | 'ImageAlreadyExists'
  | 'ImageArchived'
  | 'ImageDigestDoesNotMatch'
  | 'ImageNotFound'
  | 'ImageTagAlreadyExists'
  | 'InvalidLayer'
  | 'InvalidLayerPart'
  | 'InvalidParameter'
  | 'LayerAlreadyExists'
  | 'LayerPartTooSmall'
  | 'LayersNotFound'
  | 'LifecyclePolicyNotFound'
  | 'LimitExceeded'
  | 'ReferencedImagesNotFound'
  | 'RepositoryAlreadyExists'
  | 'RepositoryNotEmpty'
  | 'RepositoryNotFound'
  | 'ScanNotFound'
  | 'UnsupportedImageType'
  | 'UploadNotFound'
  | 'Validation'

/** A refusal by ECR: its kind, its sentence, and the members some exceptions carry besides. */
export class EcrFault extends Error {
  readonly kind: FaultKind
  readonly members: Readonly<Record<string, string | number>>

  constructor(kind: FaultKind, message: string, members: Readonly<Record<string, string | number>> = {}) {
    super(message)
    this.name = 'EcrFault'
    this.kind = kind
    this.members = members
  }
}

/** ECR's one sentence for every parameter it does not like. */
export function invalidParameter(parameter: string, constraint: string): EcrFault {
  return new EcrFault(
    'InvalidParameter',
    `Invalid parameter at '${parameter}' failed to satisfy constraint: '${constraint}'`
  )
}
