/** How the containers of an image behave when ECS runs them (contract §6). */
export type Behaviour = 'healthy' | 'neverHealthy' | 'outOfMemory' | BehaviourDetails

export interface BehaviourDetails {
  readonly crash?: { readonly exitCode: number; readonly afterSeconds: number }
  readonly unhealthy?: { readonly afterSeconds?: number }
  readonly neverHealthy?: true
  readonly outOfMemory?: true
  /** Verbatim stop code and reason of the task, and what its container leaves behind; `TaskFailedToStart` never runs. */
  readonly stop?: {
    readonly stopCode: string
    readonly reason: string
    readonly container?: { readonly exitCode?: number; readonly reason?: string }
  }
  /** The first n tasks of a deployment behave badly (crash at once), the later ones are healthy. */
  readonly failFirst?: number
  /** Lines the container writes to its log, besides. */
  readonly logs?: readonly string[]
}

export interface Platform {
  readonly os: string
  readonly architecture: string
}

/** What a task gets when it resolves an image reference. */
export interface ResolvedImage {
  /** Digest of what the reference names: an index or a manifest. */
  readonly digest: string
  /** Digest of the manifest for the task's platform; equals `digest` for a single-platform image. */
  readonly platformDigest: string
  readonly behaviour: Behaviour
}

export type ImageResolution =
  | { readonly kind: 'resolved'; readonly image: ResolvedImage }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'no-platform' }
  /** A host that is no registry of this world. */
  | { readonly kind: 'unreachable' }

/** What running tasks need of a registry. */
export interface ImageSource {
  /** `reference` as it stands in a container definition: `host/name:tag`, `host/name@digest` or both. */
  resolve(reference: string, platform: Platform): ImageResolution
}
