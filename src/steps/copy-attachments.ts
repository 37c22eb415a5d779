import { readContents } from '../decide/image/contents.ts'
import { compareTag } from '../decide/image/conflict.ts'
import { parseDigest, type Digest } from '../decide/image/reference.ts'
import type { Emit } from '../event.ts'
import { Failure, withRemedy, type FailureCode } from '../failure.ts'
import type { RemoteRepository } from '../io/registry/registry.ts'
import { lookUpImage } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'
import { tagImage } from './tag-image.ts'

/** Where from, where to, and what the attachments belong to. */
export interface Attachments {
  /** One with little patience: the image is there, and nobody waits minutes for what it does without. */
  readonly source: RemoteRepository
  /** Asked for when there is something to copy. */
  readonly openTarget: () => Promise<RemoteRepository>
  readonly located: LocatedRepository
  readonly digest: Digest
  readonly dryRun: boolean
  readonly emit: Emit
}

/** Something that belongs to an image. */
interface Attachment {
  readonly digest: Digest
  /** Undefined for a referrer, which has none. */
  readonly tag: string | undefined
}

/** The tags under which cosign keeps what belongs to an image; https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
const COSIGN_SUFFIXES = ['.sig', '.att', '.sbom']
/** More would be an archive, and not what belongs to an image. */
const MOST_REFERRERS = 50
/** A registry that does not answer, or refuses to, is asked no more about what the image does without. */
const SILENT: readonly FailureCode[] = ['network', 'pull-rate-limited', 'access-denied']

/**
 * Copies signatures, attestations and software bills that the target has not: by cosign's tags, and by the referrers of
 * the registry. It is best effort, for ECR refuses some of them, and an image without them is still the image: what
 * failed is noted. Returns how many were copied.
 */
export async function copyAttachments(order: Attachments): Promise<number> {
  const found = await findAttachments(order)
  let copied = 0
  for (const attachment of await missingOf(order, found)) {
    const what = attachment.tag ?? attachment.digest
    if (order.dryRun) {
      order.emit({ kind: 'note', text: `would copy what is attached to the image: ${what}` })
      continue
    }
    const failure = await orNote(order, what, async () => {
      await copyAttachment(order, attachment)
      copied += 1
      order.emit({ kind: 'note', text: `copied what is attached to the image: ${what}` })
    })
    if (isSilent(failure)) break
  }
  return copied
}

async function findAttachments(order: Attachments): Promise<readonly Attachment[]> {
  const { source, digest } = order
  const found: Attachment[] = []
  for (const suffix of COSIGN_SUFFIXES) {
    const tag = `${digest.replace(':', '-')}${suffix}`
    const failure = await orNote(order, tag, async () => {
      const attached = await source.findDigest(tag)
      if (attached !== undefined) found.push({ digest: attached, tag })
    })
    if (isSilent(failure)) return found
  }
  await orNote(order, 'the referrers', async () => {
    const referrers = await source.referrers(digest)
    found.push(...referrers.slice(0, MOST_REFERRERS).map(referrer => ({ digest: referrer.digest, tag: undefined })))
  })
  return found
}

/** Those that the target has not, by one call for all; one whose tag is on another there stays away, and is noted. */
async function missingOf(order: Attachments, all: readonly Attachment[]): Promise<readonly Attachment[]> {
  const { located, emit } = order
  if (all.length === 0) return []
  const { name: repository } = located.repository
  const missing: Attachment[] = []
  await orNote(order, 'what is attached', async () => {
    const names = all.map(({ digest, tag }) => (tag === undefined ? { digest } : { tag }))
    const there = await located.ecr.findImages(repository, names)
    for (const [index, attachment] of all.entries()) {
      const { digest, tag } = attachment
      const seen = there[index]
      if (seen?.kind === 'missing') missing.push(attachment)
      if (seen?.kind !== 'there' || tag === undefined) continue
      const comparison = compareTag(
        { kind: 'image', digest: parseDigest(seen.stored.digest) },
        { repository, tag, digest }
      )
      if (comparison.kind === 'conflict') emit({ kind: 'note', text: `${tag} was not copied: ${comparison.sentence}` })
    }
  })
  return missing
}

async function copyAttachment(
  { source, openTarget, located, emit }: Attachments,
  attachment: Attachment
): Promise<void> {
  const { digest, tag } = attachment
  if ((await lookUpImage(located, { digest })) === undefined) {
    const manifest = await source.readManifest(digest)
    if (manifest === undefined) throw new Failure('image-not-found', `${source.registry} has it no more`)
    const target = await openTarget()
    for (const blob of readContents(manifest.text, digest).blobs) await target.copyBlob(source, blob, () => undefined)
    await target.putManifest(manifest)
  }
  const image = await lookUpImage(located, { digest })
  if (tag !== undefined && image !== undefined) await tagImage(image, { tag, commit: undefined }, emit)
}

function isSilent(failure: Failure | undefined): boolean {
  return failure !== undefined && SILENT.includes(failure.code)
}

async function orNote(
  { emit, digest }: Attachments,
  what: string,
  work: () => Promise<void>
): Promise<Failure | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'cancelled') throw error
    emit({ kind: 'note', text: `${what} of ${digest} was not copied: ${withRemedy(error)}` })
    return error
  }
}
