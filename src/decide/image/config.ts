import { isObject, memberOf, textAt, type Json } from '../json.ts'
import { REVISION_LABEL, SOURCE_LABEL } from './labels.ts'
import { readPlatform, type ImagePlatform } from './manifest.ts'

/** What the config of an image says of it, as far as it is said. */
export interface ImageConfig {
  readonly platform: ImagePlatform | undefined
  /** Full id of the commit it was built from, by its label. */
  readonly revision: string | undefined
  /** URL of the repository with that commit, by its label. */
  readonly source: string | undefined
}

/** Reads an image's config; throws SyntaxError when it is no JSON. https://github.com/opencontainers/image-spec/blob/main/config.md */
export function parseImageConfig(text: string): ImageConfig {
  const document = JSON.parse(text) as Json
  if (!isObject(document)) return { platform: undefined, revision: undefined, source: undefined }
  const config = memberOf(document, 'config')
  const labels = isObject(config) ? memberOf(config, 'Labels') : undefined
  const revision = isObject(labels) ? textAt(labels, REVISION_LABEL) : undefined
  return {
    platform: readPlatform(document),
    revision: revision !== undefined && /^[0-9a-f]{40,64}$/.test(revision) ? revision : undefined,
    source: isObject(labels) ? textAt(labels, SOURCE_LABEL) : undefined
  }
}
