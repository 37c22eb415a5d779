const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

/** How many characters a tag may have. */
export const MAX_TAG_LENGTH = 128

/** The grammar of tags as a sentence for people. */
export const TAG_RULE = "a tag has 1 to 128 letters, digits, '.', '_' and '-', and does not start with '.' or '-'"

/** Is this a tag that a registry accepts? */
export function isLegalTag(text: string): boolean {
  return TAG.test(text)
}
