/** Whether a tag names one version of an image, as far as its spelling tells. */
export type Exactness = { readonly kind: 'exact' } | { readonly kind: 'inexact'; readonly why: string }

/**
 * Judges a tag by its spelling. `latest`, a word without a number (`stable`, `alpine`) and a bare major version (`16`,
 * `v3`, `20-slim`) are names of what is newest at the time. More cannot be told: `1.27` is a version of one image and a
 * line of versions of another.
 */
export function exactness(tag: string | undefined): Exactness {
  if (tag === undefined) return { kind: 'inexact', why: 'without a tag it would mean latest' }
  if (tag.toLowerCase() === 'latest') return { kind: 'inexact', why: 'latest is whatever was pushed last' }
  if (!/\d/.test(tag)) return { kind: 'inexact', why: `the tag ${tag} names no version` }
  if (/^v?\d{1,3}(?:-[a-z]+)*$/i.test(tag)) return { kind: 'inexact', why: `the tag ${tag} names only a major version` }
  return { kind: 'exact' }
}
