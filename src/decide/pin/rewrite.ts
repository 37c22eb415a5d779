import { Failure } from '../../failure.ts'
import { quoted } from '../wording.ts'
import { findSites } from './find-sites.ts'
import {
  applyEdits,
  exactReference,
  meaningOf,
  planEdit,
  readImage,
  type Edit,
  type ExactImage,
  type NamedImage,
  type UnclearImage
} from './plan.ts'
import { UNSET, type SettingsOf } from './settings.ts'
import type { FileKind, ImageSite, SitesOfFile } from './site.ts'
import { literal, readTemplate, type Template, type Unclear } from './template.ts'

/** The images of a file: those that can be looked up, and those of which nobody can say what they will be. */
export interface ImagesOfFile extends SitesOfFile {
  readonly images: readonly NamedImage[]
  readonly unclear: readonly UnclearImage[]
  /** By which its variables were read. */
  readonly settings: SettingsOf
}

/** An image, and the reference that names it exactly. */
export interface Change {
  readonly image: NamedImage
  readonly reference: string
}

/** A file as it is to be. */
export interface Rewritten {
  readonly text: string
  /** The images that are named differently now. */
  readonly changed: readonly Change[]
  readonly unclear: readonly UnclearImage[]
}

/** Finds and reads the images of a file; throws UnreadableFile. */
export function readImages(text: string, path: string, settings = UNSET): ImagesOfFile {
  const found = findSites(text, path)
  const read = reader(found.kind, settings)
  // Nothing is built under a digest: one that is named beside 'build' is an image of its registry.
  const built = new Set(found.built.map(value => meaningOf(value, read)).filter(name => !name.includes('@')))
  const isBuilt = ({ value }: ImageSite): boolean => built.has(meaningOf(value, read))
  const sites = found.sites.filter(site => !isBuilt(site))
  const images = sites.map(site => readImage(site, read))
  return {
    ...found,
    sites,
    notes: [
      ...found.notes,
      ...found.sites
        .filter(isBuilt)
        .flatMap(({ users }) => users)
        .map(user => `${quoted(user)} has the image of a service that is built, so it is left alone`)
    ],
    images: images.filter(image => 'reference' in image),
    unclear: images.filter(image => 'why' in image),
    settings
  }
}

/**
 * Names images of a file exactly; an image that `exact` says nothing about stays as it is. Nothing but the images'
 * characters changes, which is read back before the text is given out.
 */
export function rewrite(
  { text, path }: { readonly text: string; readonly path: string },
  { images, kind, settings }: ImagesOfFile,
  exact: (image: NamedImage) => ExactImage | undefined
): Rewritten {
  const edits: Edit[] = []
  const references = new Map<NamedImage, string>()
  const unclear: UnclearImage[] = []
  for (const image of images) {
    const wanted = exact(image)
    if (wanted === undefined) continue
    const edit = planEdit(image, wanted, reader(kind, settings))
    if (edit === undefined) continue
    if ('why' in edit) unclear.push(edit)
    else {
      edits.push(edit)
      references.set(image, exactReference(image, wanted))
    }
  }
  const result = applyEdits(text, edits)
  const expected = images.map(image => references.get(image) ?? image.reference)
  const actual = readImages(result, path, settings).images.map(({ reference }) => reference)
  if (actual.length !== expected.length || actual.some((reference, index) => reference !== expected[index])) {
    throw new Failure('internal-error', `the images that were to be written into ${path} do not read back`)
  }
  const changed = [...references].map(([image, reference]) => ({ image, reference }))
  return { text: result, changed, unclear }
}

/** Only Compose files have variables. */
function reader(kind: FileKind, settings: SettingsOf): (value: string) => Template | Unclear {
  return kind === 'compose' ? value => readTemplate(value, settings) : literal
}
