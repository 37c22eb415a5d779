import { Failure } from '../../failure.ts'
import type { Json } from '../json.ts'
import { isList } from '../json.ts'

const REMEDY = 'write words as a shell reads them, quotes included, or a JSON list of texts'

/**
 * Reads the `command` input into arguments: a JSON list of texts, or words split as a POSIX shell splits them, with
 * nothing expanded. Fails with `invalid-input`, without the text: commands carry passwords.
 */
export function parseCommand(text: string): readonly string[] {
  return text.trimStart().startsWith('[') ? parseList(text) : parseWords(text)
}

function parseList(text: string): readonly string[] {
  let list: Json
  try {
    list = JSON.parse(text) as Json
  } catch {
    // The parser's own error quotes the text, so it is not passed on as a cause.
    throw refusal("starts with '[' but is no valid JSON list")
  }
  const words = isList(list) ? list.filter(item => typeof item === 'string') : []
  if (!isList(list) || words.length !== list.length)
    throw refusal('is a JSON list that holds something other than texts')
  return words
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02 (quoting) */
function parseWords(text: string): readonly string[] {
  const words: string[] = []
  // Undefined between words: '' is a word of its own.
  let word: string | undefined
  let quote: "'" | '"' | undefined
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index)
    const next = text.charAt(index + 1)
    if (quote !== undefined && character === quote) {
      quote = undefined
    } else if (quote === "'") {
      word = (word ?? '') + character
    } else if (character === '\\' && (quote === undefined || /["\\$`\n]/.test(next))) {
      if (next === '') throw refusal('ends in a backslash')
      // A backslash before a line break joins the lines.
      if (next !== '\n') word = (word ?? '') + next
      index += 1
    } else if (quote === undefined && (character === "'" || character === '"')) {
      quote = character
      word ??= ''
    } else if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + character
    }
  }
  if (quote !== undefined) throw refusal(`has a ${quote} that is never closed`)
  if (word !== undefined) words.push(word)
  return words
}

function refusal(what: string): Failure {
  return new Failure('invalid-input', `input command ${what}`, { remedy: REMEDY })
}
