import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { afterEach, expect, test } from '@jest/globals'

type Child = ChildProcessByStdio<null, Readable, Readable>

let child: Child | undefined

function start(...args: string[]): Child {
  child = spawn(process.execPath, ['--import', 'tsx', 'simulator/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  return child
}

afterEach(() => {
  if (child?.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
})

test('the command says when it listens, answers, and ends on SIGTERM', async () => {
  const started = start('--clock', 'manual')
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]()
  const { value } = (await lines.next()) as { value: string }
  expect(value).toMatch(/^simulator ready http:\/\/127\.0\.0\.1:\d+$/)
  const response = await fetch(`${value.slice('simulator ready '.length)}/_sim/state`)
  expect(await response.json()).toMatchObject({ now: '2026-01-05T09:00:00.000Z' })
  started.kill('SIGTERM')
  const [code, signal] = (await once(started, 'exit')) as [number | null, string | null]
  expect([code, signal]).toEqual([0, null])
})

test('the command says in one sentence what is wrong with its flags', async () => {
  const started = start('--speed', 'fast')
  let complaint = ''
  for await (const chunk of started.stderr) complaint += String(chunk)
  expect(complaint).toBe("simulator: --speed: expected a number above 0, got 'fast'\n")
  expect(started.exitCode ?? (await once(started, 'exit'))[0]).toBe(1)
})
