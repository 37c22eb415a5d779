import { stripVTControlCharacters, styleText } from 'node:util'
import { displayLine } from '../runner/display.ts'

/** Where the demo tells its story. */
export interface Screen {
  /** Begins a part of the story. */
  heading(text: string): void
  line(text?: string): void
  /** A sentence that went as it should, or did not. */
  verdict(good: boolean, text: string): void
  /** Takes the log of a step, in whole lines, as it comes. */
  log(chunk: string): void
}

/** A screen over `write`; without colours, what it writes is plain text. */
export function createScreen(write: (text: string) => void, colours: boolean): Screen {
  let isFolded = false
  const line = (text = ''): void => {
    write(`${colours ? text : stripVTControlCharacters(text)}\n`)
  }
  return {
    line,
    heading(text) {
      line()
      line(styleText(['bold', 'inverse'], ` ${text} `))
    },
    verdict(good, text) {
      line(styleText(good ? 'green' : 'red', `${good ? '✔' : '✘'} ${text}`))
    },
    log(chunk) {
      for (const text of chunk.replace(/\n$/, '').split('\n')) {
        // GitHub's page shows the inputs and variables of a step only on a click.
        if (text.startsWith('##[group]Run ')) {
          isFolded = true
          line(styleText('bold', text.replace('##[group]', '▸ ')))
        }
        if (!isFolded) line(displayLine(text))
        if (text === '##[endgroup]') isFolded = false
      }
    }
  }
}
