import type { SettingsOf } from './settings.ts'

/** A value of a Compose file with its variables put in: those that are not set have their defaults. */
export interface Template {
  /** What Compose makes of it when no variable is set. */
  readonly rendered: string
  /** The variables in it. */
  readonly variables: readonly string[]
  /** Where a character of `rendered` stands in the value. */
  readonly parts: readonly TemplatePart[]
}

/** A run of characters that stands in the value as it is rendered. */
export interface TemplatePart {
  readonly text: string
  /** Where it begins in the value. */
  readonly at: number
}

/** Why a value has no one meaning; continues the value. */
export interface Unclear {
  readonly why: string
}

/** https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md */
const VARIABLE =
  /\$(?:\{(?<braced>[_a-zA-Z][_a-zA-Z0-9]*)(?<rest>[^{}]*)\}|\{(?<nesting>[_a-zA-Z][_a-zA-Z0-9]*):?-[^{}]*\$\{|(?<bare>[_a-zA-Z][_a-zA-Z0-9]*)|(?<other>[\s\S]?))/g

/**
 * Takes a value of a Compose file apart. A variable without a default is unclear, as what it will be is not known here;
 * and so is one that somebody sets to something else, as its default is not what Compose would take.
 */
export function readTemplate(value: string, settings: SettingsOf): Template | Unclear {
  const parts: TemplatePart[] = []
  const variables: string[] = []
  let from = 0
  for (const match of value.matchAll(VARIABLE)) {
    const { braced, rest = '', nesting, bare } = match.groups ?? {}
    if (nesting !== undefined) return { why: `has a variable in the default of ${nesting}` }
    parts.push({ text: value.slice(from, match.index), at: from })
    from = match.index + match[0].length
    const name = braced ?? bare
    if (name === undefined) return { why: 'has a $ that begins no variable' }
    const [, operator = '', fallback = ''] = /^(:?-)(.*)$/s.exec(rest) ?? []
    if (operator === '') return { why: `depends on the variable ${name}, which has no default there` }
    if (fallback.includes('$')) return { why: `has a variable in the default of ${name}` }
    const other = settings(name).find(({ value: set }) => set !== fallback && !(set === '' && operator === ':-'))
    if (other !== undefined) {
      return { why: `depends on the variable ${name}, which ${other.by} sets, so that its default does not count` }
    }
    variables.push(name)
    parts.push({ text: fallback, at: from - 1 - fallback.length })
  }
  parts.push({ text: value.slice(from), at: from })
  const written = parts.filter(({ text }) => text !== '')
  return { rendered: written.map(({ text }) => text).join(''), variables, parts: written }
}

/** A task definition has no variables: the value is what it is. */
export function literal(value: string): Template {
  return { rendered: value, variables: [], parts: [{ text: value, at: 0 }] }
}

/**
 * The characters of the value to replace so that it renders as `rendered` from `keep` on as `ending`; unclear when what
 * is replaced stands in several parts.
 */
export function replaceEnding(
  { parts }: Template,
  keep: number,
  ending: string
): { readonly from: number; readonly to: number; readonly text: string } | Unclear {
  const last = parts.at(-1)
  if (last === undefined) return { why: 'is empty' }
  const length = parts.reduce((sum, { text }) => sum + text.length, 0)
  const before = length - last.text.length
  if (keep < before) return { why: 'has its tag in several parts, not all of them in one variable' }
  return { from: last.at + keep - before, to: last.at + last.text.length, text: ending }
}
