import type { Emit } from '../event.ts'

/** ECR takes a thousand tags on an image, which no quota raises. */
const MANY_TAGS = 900

/** Warns of an image that can soon take no more tags; `use` says which image it is. */
export function warnOfTags(use: string, count: number, emit: Emit): void {
  if (count < MANY_TAGS) return
  emit({ kind: 'warning', text: `the image ${use} has ${String(count)} tags, and ECR takes 1,000 on one image` })
}
