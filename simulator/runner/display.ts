import { styleText } from 'node:util'

const STYLES = {
  error: { style: 'red', prefix: 'Error: ' },
  warning: { style: 'yellow', prefix: 'Warning: ' },
  notice: { style: 'cyan', prefix: 'Notice: ' },
  debug: { style: 'magenta', prefix: '' },
  group: { style: 'bold', prefix: '▾ ' },
  endgroup: { style: 'reset', prefix: '' }
} as const

/** A line of a log as GitHub's page shows it: `##[error]` becomes a red "Error: ", groups get a triangle. */
export function displayLine(line: string): string {
  const [, tag, text = ''] = /^##\[(\w+)\](.*)$/s.exec(line) ?? []
  if (tag === undefined || !isStyled(tag)) return line
  const { style, prefix } = STYLES[tag]
  const shown = prefix + text
  return shown === '' ? '' : styleText(style, shown)
}

function isStyled(tag: string): tag is keyof typeof STYLES {
  return Object.hasOwn(STYLES, tag)
}
