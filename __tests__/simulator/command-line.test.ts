import { describe, expect, test } from '@jest/globals'
import { readCommand, USAGE } from '../../simulator/command-line.ts'

function readFile(path: string): string {
  if (path === 'world.json') return '{"region":"eu-west-1"}'
  if (path === 'broken.json') return '{'
  if (path === 'wrong.json') return '{"regions":[]}'
  throw new Error(`ENOENT: no such file or directory, open '${path}'`)
}

describe('the command line', () => {
  test('is read', () => {
    expect(readCommand(['--port', '4700', '--speed', '0.5', '--world', 'world.json'], readFile)).toEqual({
      kind: 'start',
      options: { port: 4700, speed: 0.5, world: { region: 'eu-west-1' } }
    })
    expect(readCommand(['--clock=manual'], readFile)).toEqual({ kind: 'start', options: { clock: 'manual' } })
    expect(readCommand([], readFile)).toEqual({ kind: 'start', options: {} })
    expect(readCommand(['--help'], readFile)).toEqual({ kind: 'help' })
  })

  test.each([
    [['--port', 'x'], "--port: expected 0 to 65535, got 'x'"],
    [['--port', '70000'], "--port: expected 0 to 65535, got '70000'"],
    [['--speed', '0'], "--speed: expected a number above 0, got '0'"],
    [['--speed', '-1'], '--speed'],
    [['--clock', 'fast'], "--clock: expected scaled or manual, got 'fast'"],
    [['--clock', 'manual', '--speed', '2'], '--speed means nothing with --clock manual'],
    [['--world', 'none.json'], "--world: 'none.json' cannot be read: ENOENT"],
    [['--world', 'broken.json'], "--world: 'broken.json' is not JSON"],
    [['--world', 'wrong.json'], 'world.regions is not known'],
    [['--wold', 'x'], USAGE],
    [['world.json'], USAGE]
  ])('%j is refused', (args, sentence) => {
    expect(readCommand(args, readFile)).toEqual({ kind: 'wrong', sentence: expect.stringContaining(sentence) })
  })
})
