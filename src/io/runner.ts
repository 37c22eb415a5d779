import { appendFile } from 'node:fs/promises'
import { error, getState, info, saveState, setOutput, setSecret, warning } from '@actions/core'

/** The weight of an annotation. */
export type AnnotationKind = 'error' | 'warning'

/** What the Actions runner offers to a step. */
export interface Runner {
  setOutput(name: string, value: string): void
  /** Keeps a value for the post step, also if this process dies right after. */
  readonly saveState: (name: string, value: string) => void
  /** What main saved; empty when it saved nothing. */
  getState(name: string): string
  /** Has the runner hide a value in the log from now on. */
  readonly addMask: (value: string) => void
  /** Prints one line of the log, whatever is in it. */
  log(line: string): void
  /** Shows a message of one or several lines at the top of the run's page. */
  annotate(kind: AnnotationKind, message: string, title?: string): void
  /** Adds Markdown to the job summary; a runner without summaries gets none. */
  writeSummary(markdown: string): Promise<void>
  /** Makes the step red when the process ends. */
  fail(): void
  /** Ends the process when all is written, whatever else is still under way in it. */
  leave(): void
}

// The runner compares with the rules of its culture, for which marks and invisible characters do not exist.
const IGNORED = String.raw`[\p{C}\p{M}]*`
/** `::name::` is a command at the beginning of a line, blanks aside. */
const COMMAND = new RegExp(String.raw`^(?=[\s\p{C}\p{M}\p{Z}]*:${IGNORED}:)`, 'u')
/** `##[name]` is one anywhere in a line. */
const BRACKET_COMMAND = new RegExp(`(#${IGNORED}#${IGNORED})\\[`, 'gu')
/** Characters that reorder the text around them, and so can make a line read as what it does not say. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Printable ASCII and what the log itself prints beside it: neither marks nor anything invisible. */
const PLAIN = /^[\x20-\x7e→…–]*$/

/**
 * Text from outside as one line that the runner takes for nothing but text: control characters are shown as symbols,
 * and a backslash stands where a workflow command would have begun.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function harmless(text: string): string {
  // Nearly every line; V8 takes milliseconds to prepare the classes of Unicode below.
  if (PLAIN.test(text) && !text.includes('::') && !text.includes('##[')) return text
  return text
    .replaceAll('\t', ' ')
    .replace(/[\u0000-\u001f]/g, character => String.fromCharCode(0x2400 + character.charCodeAt(0)))
    .replaceAll('\u007f', '\u2421')
    .replace(/[\u0080-\u009f\u2028\u2029]/g, '\ufffd')
    .replace(REORDERING, '\ufffd')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(BRACKET_COMMAND, '$1\\[')
    .replace(COMMAND, '\\')
}

/** The runner that started this process, spoken to through @actions/core. */
export function createRunner(environment: Readonly<Record<string, string | undefined>>): Runner {
  const annotations = { error, warning }
  const masked = new Set<string>()
  return {
    setOutput,
    saveState,
    getState,

    addMask(value) {
      // The runner complains about an empty mask.
      if (value.trim() === '' || masked.has(value)) return
      masked.add(value)
      setSecret(value)
    },

    log(line) {
      info(harmless(line))
    },

    annotate(kind, message, title) {
      const lines = message.split(/\r\n|\r|\n/).map(harmless)
      annotations[kind](lines.join('\n'), title === undefined ? {} : { title: harmless(title) })
    },

    async writeSummary(markdown) {
      const path = environment['GITHUB_STEP_SUMMARY'] ?? ''
      if (path !== '') await appendFile(path, `${markdown}\n`)
    },

    fail() {
      process.exitCode = 1
    },

    leave() {
      process.stdout.write('', () => process.exit())
    }
  }
}
