import { clip, withoutAnsi } from '../decide/text.ts'

/*
 * Text from outside (branch names, stop reasons, log lines) is made harmless here before anybody sees it: it may
 * neither move a cursor nor be markup. Workflow commands are defused where lines are printed.
 */

/** Nothing that AWS, a registry or a build says in one line is longer; a line of a megabyte chokes the page it stands on. */
const LONGEST_LINE = 4000

/** One line of at most 4000 characters, without control or reordering ones, and without the blanks around it. */
export function oneLine(text: string): string {
  return visible(text).trim()
}

function visible(text: string): string {
  return withoutAnsi(clip(text, LONGEST_LINE))
    .replace(/[\r\n\t\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd')
}

/** Nobody reads more findings at once. */
const MOST_SENTENCES = 50

/** The sentences of a reason, one a line and without empty ones; 50 at most. */
export function sentencesOf(reason: string): readonly string[] {
  const sentences = reason.split('\n').filter(line => line.trim() !== '')
  const shown = sentences.slice(0, MOST_SENTENCES).map(oneLine)
  const more = sentences.length - shown.length
  return more > 0 ? [...shown, `…and ${String(more)} more`] : shown
}

/**
 * What GitHub's Markdown reads as markup: emphasis, code, links, tables, mentions, issue numbers, formulas, bare URLs,
 * and at the start of a line what would begin a list, a heading or a rule.
 */
const MARKUP = /[\\`*_[\]#|~@$]|:(?=\/\/)|(?<=\bwww)\.|(?<=\bGH)-/gi
const LINE_START = /^[-+=]|(?<=^\d+)[.)]/g

/** Text for a Markdown summary: shown as it is, whatever Markdown, HTML or mermaid it holds. */
export function markdown(text: string): string {
  return escapeMarkup(oneLine(text)).replace(LINE_START, asEntity)
}

function escapeMarkup(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(MARKUP, asEntity)
}

/** A span of code in a Markdown summary, as HTML so that no backtick ends it. */
export function code(text: string): string {
  return `<code>${escapeMarkup(oneLine(text))}</code>`
}

/** Lines as they stood, indented or not, in a Markdown summary; HTML for the same reason. */
export function codeBlock(lines: readonly string[]): string {
  // Without a line break of its own GitHub would swallow an empty first line.
  return `<pre>\n${lines.map(line => escapeMarkup(visible(line))).join('\n')}\n</pre>`
}

/** A part of a Markdown summary that is folded until somebody wants to see it; both texts are markup already. */
export function folded(title: string, body: string): string {
  // Markdown inside HTML begins after an empty line.
  return `<details>\n<summary>${title}</summary>\n\n${body}\n\n</details>`
}

function asEntity(character: string): string {
  return `&#${String(character.charCodeAt(0))};`
}

/** A duration in the words people use: `8 s`, `4 min 30 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${String(seconds)} s`
  const rest = seconds % 60
  return `${String(Math.floor(seconds / 60))} min${rest === 0 ? '' : ` ${String(rest)} s`}`
}

/** An amount of bytes in the unit people would use: `340 kB`, `1.2 GB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let amount = bytes
  let unit = 0
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000
    unit += 1
  }
  const digits = unit === 0 || amount >= 9.95 ? 0 : 1
  return `${amount.toFixed(digits)} ${units[unit] ?? ''}`
}

/** The digest, short enough for a line and long enough to recognise. */
export function shortDigest(digest: string): string {
  return digest.startsWith('sha256:') ? digest.slice(0, 'sha256:'.length + 12) : digest
}
