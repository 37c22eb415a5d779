import { closest, listed, quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import { INPUT_DEFAULTS, type InputName } from './defaults.ts'

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a number may be. */
export interface NumberRange {
  readonly least: number
  readonly most: number
  readonly isWhole?: boolean
}

const TRUE: readonly string[] = ['true', 'True', 'TRUE']
const FALSE: readonly string[] = ['false', 'False', 'FALSE']

/** Control characters and line breaks: in no name, number or path, and not to be shown as they are. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/u

/** Some parsers know which input they read and say so themselves. */
const NAMES_AN_INPUT = /\binputs? '?[a-z]+(-[a-z]+)*'?(?= |:)/

/**
 * Reads inputs one by one and keeps a sentence about each that is wrong, so that all of them can be reported together;
 * what it returns for a wrong one only lets the reading go on.
 */
export class InputReader {
  readonly #environment: Environment
  readonly #problems: string[]
  readonly #read = new Set<InputName>()

  /** Sentences about what is wrong are added to `problems`. */
  constructor(environment: Environment, problems: string[]) {
    this.#environment = environment
    this.#problems = problems
  }

  /** Keeps a sentence about what is wrong. */
  refuse(sentence: string): void {
    this.#problems.push(sentence)
  }

  /** The text as it was given; a blank one is the default, as an expression that evaluates to nothing leaves it. */
  verbatim(name: InputName): string {
    this.#read.add(name)
    return this.#textOf(name)
  }

  #textOf(name: InputName): string {
    // The runner's own spelling: upper case, blanks as underscores, dashes kept.
    const given = this.#environment[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? ''
    return given.trim() === '' ? INPUT_DEFAULTS[name] : given
  }

  /** Whether an input says something else than its default. */
  isSet(name: InputName): boolean {
    return this.#textOf(name).trim().toLowerCase() !== INPUT_DEFAULTS[name].toLowerCase()
  }

  /** Inputs that say something and that nobody has read. */
  ignored(): readonly InputName[] {
    const names = Object.keys(INPUT_DEFAULTS) as InputName[]
    return names.filter(name => !this.#read.has(name) && this.isSet(name))
  }

  /** Takes note of an input that is accepted whatever it says. */
  accept(name: InputName): void {
    this.#read.add(name)
  }

  /** One trimmed line; empty when there is none. */
  line(name: InputName): string {
    const text = this.verbatim(name).trim()
    if (!UNPRINTABLE.test(text)) return text
    this.refuse(`input ${name} is ${quoted(text)}; write it on one line, without control characters`)
    return ''
  }

  /** One trimmed line, or undefined when the input is empty. */
  optionalLine(name: InputName): string | undefined {
    const text = this.line(name)
    return text === '' ? undefined : text
  }

  /** The entries between commas and line breaks, trimmed; empty ones are left out. */
  list(name: InputName): readonly string[] {
    const entries = this.verbatim(name)
      .split(/[,\r\n]/)
      .map(entry => entry.trim())
      .filter(entry => entry !== '')
    const wrong = entries.filter(entry => UNPRINTABLE.test(entry))
    for (const entry of wrong) this.refuse(`input ${name} has ${quoted(entry)}; write it without control characters`)
    return entries.filter(entry => !wrong.includes(entry))
  }

  /** A boolean as YAML 1.2 writes it. */
  flag(name: InputName): boolean {
    return this.optionalFlag(name) ?? false
  }

  /** A boolean as YAML 1.2 writes it, or undefined when the input is empty. */
  optionalFlag(name: InputName): boolean | undefined {
    const text = this.line(name)
    if (TRUE.includes(text)) return true
    if (text !== '' && !FALSE.includes(text)) {
      this.refuse(`input ${name} is ${quoted(text)}; write true or false (True, TRUE, False and FALSE will do)`)
    }
    return text === '' ? undefined : false
  }

  /** One of a few words. */
  choice<const Choices extends readonly [string, ...string[]]>(name: InputName, choices: Choices): Choices[number] {
    return this.optionalChoice(name, choices) ?? choices[0]
  }

  /** One of a few words, or undefined when the input is empty. */
  optionalChoice<const Choices extends readonly [string, ...string[]]>(
    name: InputName,
    choices: Choices
  ): Choices[number] | undefined {
    const text = this.line(name)
    if (text === '') return undefined
    const chosen = choices.find(choice => choice === text)
    if (chosen === undefined) {
      const meant = closest(text, choices)
      const hint = meant === undefined ? '' : ` (did you mean ${quoted(meant)}?)`
      this.refuse(`input ${name} is ${quoted(text)}${hint}; allowed: ${listed(choices)}`)
    }
    return chosen
  }

  /** A number in decimal digits within a range. */
  number(name: InputName, range: NumberRange): number {
    return this.optionalNumber(name, range) ?? range.least
  }

  /** A number in decimal digits within a range, or undefined when the input is empty. */
  optionalNumber(name: InputName, range: NumberRange): number | undefined {
    const text = this.line(name)
    if (text === '') return undefined
    const { least, most, isWhole = false } = range
    const value = (isWhole ? /^\d+$/ : /^(\d+(\.\d+)?|\.\d+)$/).test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    const kind = isWhole ? 'a whole number' : 'a number'
    this.refuse(`input ${name} is ${quoted(text)}; write ${kind} from ${least} to ${most}`)
    return undefined
  }

  /**
   * What `parse` makes of an input, or undefined when it throws a Failure, whose sentence and remedy are kept. Whether
   * the value shows in the sentence is up to `parse`.
   */
  parsed<T>(name: InputName, parse: () => T): T | undefined {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const subject = NAMES_AN_INPUT.test(error.message) ? '' : `input ${name}: `
      const remedy = error.remedy === undefined ? '' : `; ${asClause(error.remedy)}`
      this.refuse(`${subject}${error.message}${remedy}`)
      return undefined
    }
  }
}

/** A remedy as the end of a sentence: it may have been written as a sentence of its own. */
function asClause(remedy: string): string {
  const isWord = /^[A-Z][a-z]*[ ,:]/.test(remedy)
  const text = isWord ? remedy.charAt(0).toLowerCase() + remedy.slice(1) : remedy
  return text.replace(/\.$/, '')
}
