import type { Versioned } from '../decide/version/highest.ts'
import type { Origin } from '../decide/version/image-tag.ts'
import { lookUpImage, readRevisionLabel } from './find-image.ts'
import type { LocatedRepository } from './locate-repository.ts'

/**
 * What a tagged image tells of its commit in the repository `source`, archived ones too; what may not be read is not
 * known.
 */
export async function readOrigin(
  located: LocatedRepository,
  { tag, digest }: Versioned,
  source: string | undefined
): Promise<Origin> {
  const image = await lookUpImage(located, { tag }).catch(() => undefined)
  const label = image && (await readRevisionLabel(image, source).catch(() => undefined))
  if (label !== undefined) return { label, tags: [tag] }
  const { ecr, repository } = located
  const tags = await ecr.tagsOf(repository.name, { digest }).catch(() => [])
  return { label, tags: tags.length > 0 ? tags : await listTags(located, digest).catch(() => [tag]) }
}

/** DescribeImages may hide an archived image; the list that it was seen in does not. */
async function listTags({ ecr, repository }: LocatedRepository, digest: string): Promise<readonly string[]> {
  const tags: string[] = []
  for await (const page of ecr.tagPages(repository.name, 'archived-too')) {
    tags.push(...page.flatMap(each => (each.digest === digest ? [each.tag] : [])))
  }
  return tags
}
