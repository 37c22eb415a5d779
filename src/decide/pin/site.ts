/** A place in a file where an image is named. */
export interface ImageSite {
  /** What names it there: services of a Compose file, or containers of a task definition. */
  readonly users: readonly string[]
  /** Counted from 1. */
  readonly line: number
  /** The value as the file's format gives it, before Compose puts variables in. */
  readonly value: string
  /** The same as it stands in the file, where some characters may be escaped. */
  readonly written: string
  /** Where that is in the file, without quotes. */
  readonly start: number
  readonly end: number
}

/** What kind of file it is: only Compose files have variables. */
export type FileKind = 'compose' | 'task-definition'

/** The images that a file names. */
export interface SitesOfFile {
  readonly kind: FileKind
  /** In the order of the file. */
  readonly sites: readonly ImageSite[]
  /** The images of services that are built, before Compose puts variables in; they are no sites. */
  readonly built: readonly string[]
  /** What was left alone, one sentence each. */
  readonly notes: readonly string[]
}

/** Why a file cannot be read or written; the sentence continues the file's name. */
export class UnreadableFile extends Error {
  constructor(sentence: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause })
    this.name = 'UnreadableFile'
  }
}
