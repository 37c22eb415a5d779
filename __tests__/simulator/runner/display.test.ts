import { stripVTControlCharacters } from 'node:util'
import { expect, test } from '@jest/globals'
import { displayLine } from '../../../simulator/runner/display.ts'

test.each([
  ['##[error]it broke', 'Error: it broke'],
  ['##[warning]careful', 'Warning: careful'],
  ['##[notice]look', 'Notice: look'],
  ['##[debug]detail', 'detail'],
  ['##[group]Pull', '▾ Pull'],
  ['##[endgroup]', ''],
  ['##[section]x', '##[section]x'],
  ['an ##[error]inside', 'an ##[error]inside']
])('%s', (line, shown) => {
  expect(stripVTControlCharacters(displayLine(line))).toBe(shown)
})
