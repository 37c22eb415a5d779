const ANSI = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g

/** A text without the sequences that colour it or move a cursor. */
export function withoutAnsi(text: string): string {
  return text.replace(ANSI, '')
}

const LONE_SURROGATE = /\p{Surrogate}/gu

/** The beginning of a text, of at most `most` characters: a longer one is cut after a word and ends in an ellipsis. */
export function beginning(text: string, most: number): string {
  if (text.length <= most) return clip(text, most)
  const start = text.slice(0, most - 1)
  const blank = start.lastIndexOf(' ')
  // What has no blanks for so long is no sentence.
  const words = blank > most / 2 ? start.slice(0, blank) : start
  return `${words}…`.replace(LONE_SURROGATE, '\ufffd')
}

/**
 * A text of at most `most` characters: of a longer one the middle is left out, for what it is about stands first and
 * what happened stands last. Half a character is shown as U+FFFD.
 */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text.replace(LONE_SURROGATE, '\ufffd')
  const end = Math.floor(most / 2)
  const start = most - end - 1
  return `${text.slice(0, start)}…${text.slice(-end)}`.replace(LONE_SURROGATE, '\ufffd')
}
