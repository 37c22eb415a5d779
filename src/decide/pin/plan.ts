import { formatImageReference, parseImageReference, type Digest } from '../image/reference.ts'
import { splitImage } from '../task/image.ts'
import { Failure } from '../../failure.ts'
import type { ImageSite } from './site.ts'
import { replaceEnding, type Template, type Unclear } from './template.ts'

/** An image that a file names, as it is meant when no variable is set. */
export interface NamedImage {
  readonly site: ImageSite
  readonly template: Template
  /** `name[:tag][@digest]` as it is written. */
  readonly reference: string
}

/** What cannot be made exact; the sentence begins with the value. */
export interface UnclearImage {
  readonly site: ImageSite
  readonly why: string
}

/** An image as it is to be named. */
export interface ExactImage {
  readonly tag: string
  readonly digest: Digest
}

/** Characters of a file to replace. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Reads the image at a site; `read` takes a value apart as its file's format does. */
export function readImage(site: ImageSite, read: (value: string) => Template | Unclear): NamedImage | UnclearImage {
  const template = read(site.value)
  if ('why' in template) return { site, why: template.why }
  try {
    parseImageReference(template.rendered)
  } catch (error) {
    if (error instanceof Failure) return { site, why: 'names no image' }
    throw error
  }
  return { site, template, reference: template.rendered }
}

/** One text for every spelling of an image; a value of which nobody can say what it will be stands for itself. */
export function meaningOf(value: string, read: (value: string) => Template | Unclear): string {
  const template = read(value)
  if ('why' in template) return value
  try {
    const { tag, ...reference } = parseImageReference(template.rendered)
    return formatImageReference({ ...reference, tag: tag ?? 'latest' })
  } catch (error) {
    if (error instanceof Failure) return value
    throw error
  }
}

/** Does a digest say which image it is, whatever becomes of its tag? */
export function isExact({ reference }: NamedImage): boolean {
  return splitImage(reference).digest !== undefined
}

/** The tag that a reference means: its own, else the one that registries take it for. */
export function meantTag({ reference }: NamedImage): string {
  return splitImage(reference).tag ?? 'latest'
}

/** The reference with its tag and digest. */
export function exactReference({ reference }: NamedImage, { tag, digest }: ExactImage): string {
  return `${splitImage(reference).repository}:${tag}@${digest}`
}

/**
 * The characters to replace so that a site names exactly this image; nothing when it does already, and unclear when the
 * tag stands in several parts, or in a variable that somebody sets. Only what is different is replaced.
 */
export function planEdit(
  image: NamedImage,
  exact: ExactImage,
  read: (value: string) => Template | Unclear
): Edit | UnclearImage | undefined {
  const { site, template, reference } = image
  const wanted = exactReference(image, exact)
  if (wanted === reference) return undefined
  // Only the end differs, so that what stands before it may be escaped, or be a variable.
  const { repository, tag } = splitImage(reference)
  const beforeTag = repository.length + (tag === undefined ? 0 : ':'.length)
  const keep = wanted.startsWith(reference) ? reference.length : beforeTag
  const change = replaceEnding(template, keep, wanted.slice(keep))
  if ('why' in change) return { site, why: change.why }
  const after = read(site.value.slice(0, change.from) + change.text + site.value.slice(change.to))
  if ('why' in after) return { site, why: after.why }
  // Counted from the end: what stands before may be longer in the file than it is.
  const fromEnd = (at: number): number => site.written.length - (site.value.length - at)
  const [from, to] = [fromEnd(change.from), fromEnd(change.to)]
  if (site.written.slice(from) !== site.value.slice(change.from)) return { site, why: 'is written with escapes' }
  return { start: site.start + from, end: site.start + to, text: change.text }
}

/** A text with its edits applied. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = ''
  let from = 0
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return result + text.slice(from)
}
