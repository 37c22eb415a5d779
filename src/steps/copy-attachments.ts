import { readContents } from '../decide/image/contents.ts'
import type { Digest } from '../decide/image/reference.ts'
import type { Emit } from '../event.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { RemoteRepository } from '../io/registry/registry.ts'
import { lookUpImage } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'
import { tagImage } from './tag-image.ts'

/** Where from, where to, and what the attachments belong to. */
export interface Attachments {
  readonly source: RemoteRepository
  readonly target: RemoteRepository
  readonly located: LocatedRepository
  readonly digest: Digest
  readonly emit: Emit
}

/** The tags under which cosign keeps what belongs to an image; https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
const COSIGN_SUFFIXES = ['.sig', '.att', '.sbom']
/** More would be an archive, and not what belongs to an image. */
const MOST_REFERRERS = 50

/**
 * Copies signatures, attestations and software bills: by cosign's tags, and by the referrers of the registry. It is best
 * effort, for ECR refuses some of them, and an image without them is still the image: what failed is noted.
 */
export async function copyAttachments(order: Attachments): Promise<void> {
  const { source, digest } = order
  for (const suffix of COSIGN_SUFFIXES) {
    const tag = `${digest.replace(':', '-')}${suffix}`
    await orNote(order, tag, async () => {
      const found = await source.findDigest(tag)
      if (found !== undefined) await copyAttachment(order, found, tag)
    })
  }
  await orNote(order, 'the referrers', async () => {
    const referrers = await source.referrers(digest)
    for (const referrer of referrers.slice(0, MOST_REFERRERS)) {
      await orNote(order, referrer.digest, () => copyAttachment(order, referrer.digest, undefined))
    }
  })
}

async function copyAttachment(order: Attachments, digest: Digest, tag: string | undefined): Promise<void> {
  const { source, target, located, emit } = order
  if ((await lookUpImage(located, { digest })) === undefined) {
    const manifest = await source.readManifest(digest)
    if (manifest === undefined) return
    for (const blob of readContents(manifest.text, digest).blobs) await target.copyBlob(source, blob, () => undefined)
    await target.putManifest(manifest)
  }
  const image = await lookUpImage(located, { digest })
  if (tag !== undefined && image !== undefined) await tagImage(image, { tag, commit: undefined }, emit)
  emit({ kind: 'note', text: `copied what is attached to the image: ${tag ?? digest}` })
}

async function orNote({ emit, digest }: Attachments, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'cancelled') throw error
    emit({ kind: 'note', text: `${what} of ${digest} was not copied: ${withRemedy(error)}` })
  }
}
