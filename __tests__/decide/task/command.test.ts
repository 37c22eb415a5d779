import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseCommand } from '../../../src/decide/task/command.ts'

test.each<[string, readonly string[]]>([
  ['', []],
  ['[]', []],
  ['npm start', ['npm', 'start']],
  ['  npm \n start  ', ['npm', 'start']],
  ['sh -c "echo  hi there"', ['sh', '-c', 'echo  hi there']],
  [`sh -c 'echo "$HOME" \\n'`, ['sh', '-c', 'echo "$HOME" \\n']],
  [`sh -c ""`, ['sh', '-c', '']],
  [`a"b c"'d e'f`, ['ab cd ef']],
  ['a\\ b "c\\"d\\x" \\\\', ['a b', 'c"d\\x', '\\']],
  ['a \\\n b', ['a', 'b']],
  ['--flag=x;y && z', ['--flag=x;y', '&&', 'z']],
  ['["sh", "-c", "", "a b"]', ['sh', '-c', '', 'a b']]
])('%j', (text, words) => {
  expect(parseCommand(text)).toEqual(words)
})

test.each([
  ['sh -c "secret', 'has a " that is never closed'],
  ["sh -c 'secret", "has a ' that is never closed"],
  ['secret \\', 'ends in a backslash'],
  ['[ -f secret ]', 'is no valid JSON list'],
  ['["secret", 1]', 'something other than texts']
])('refuses %j', (text, said) => {
  expect(() => parseCommand(text)).toThrow(said)
  expect(() => parseCommand(text)).not.toThrow('secret')
})

test('every list of words can be written', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), words => {
      expect(parseCommand(JSON.stringify(words))).toEqual(words)
      expect(parseCommand(words.map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' '))).toEqual(words)
      expect(parseCommand(words.map(word => `"${word.replace(/["\\$`]/g, '\\$&')}"`).join(' '))).toEqual(words)
    })
  )
})
