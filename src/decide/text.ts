const LONE_SURROGATE = /\p{Surrogate}/gu

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
