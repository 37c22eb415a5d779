import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runDemo } from '../../simulator/demo/demo.ts'
import { createScreen } from '../../simulator/demo/screen.ts'

/** Six times what it takes; the promise to users is a minute. */
const DEMO_MS = 60_000

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'demo-test-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

interface End {
  readonly code: number | null
  readonly text: string
}

/** Runs the demo as `npm run demo` does, without a Docker engine; SIGINT goes to it when it has written `until`. */
async function runCommand(until?: string): Promise<End> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'simulator/demo/main.ts'], {
    env: { ...process.env, TMPDIR: directory, DOCKER_HOST: `unix://${join(directory, 'no-engine.sock')}` },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const isNew = until !== undefined && !text.includes(until)
    text += chunk
    if (isNew && text.includes(until)) child.kill('SIGINT')
  })
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, text }
}

/** What the demo left in its temporary directory; tsx keeps what it compiled there, too. */
async function leftovers(): Promise<readonly string[]> {
  return (await readdir(directory)).filter(name => !name.startsWith('tsx-'))
}

describe('npm run demo', () => {
  test(
    'deploys twice, has a broken commit rolled back, ends with what runs, and leaves the summaries behind',
    async () => {
      const { code, text } = await runCommand()
      expect(text.match(/^✔ outcome .*$/gm)).toEqual([
        '✔ outcome succeeded, exit code 0, as it should be',
        '✔ outcome succeeded, exit code 0, as it should be',
        '✔ outcome rolled-back, exit code 1, as it should be'
      ])
      const pushed = [...text.matchAll(/^Its image is pushed: .* (sha256:[0-9a-f]{64})$/gm)].map(([, digest]) => digest)
      expect(new Set(pushed).size).toBe(3)
      const runs = [...text.matchAll(/^task \w+ runs .* (sha256:[0-9a-f]{64})$/gm)].map(([, digest]) => digest)
      expect(runs).toEqual([pushed[1], pushed[1]])
      expect(text).not.toContain('✘')
      expect(text).not.toContain('\u001b')
      expect(code).toBe(0)

      const [folder = '', ...others] = await leftovers()
      expect(others).toEqual([])
      const [page = ''] = /\S+summary\.html/.exec(text) ?? []
      expect(page).toBe(join(directory, folder, 'summary.html'))
      const html = await readFile(page, 'utf8')
      expect(html).toContain('ECS deploy <code>web</code>: succeeded')
      expect(html).toContain('ECS deploy <code>web</code>: rolled-back')
      expect(await readFile(join(directory, folder, 'summary.md'), 'utf8')).toContain('rolled-back')
    },
    DEMO_MS
  )

  test(
    'cancels the deployment under way on Ctrl-C and still puts auto scaling back',
    async () => {
      const { code, text } = await runCommand('== Watching')
      expect(text).toContain('== Outcome: cancelled')
      expect(text).toMatch(/Post job cleanup\.\n[^]*auto scaling of service\/prod\/web is as it was before/)
      expect(text).toContain('The demo was interrupted; nothing is left running.\n')
      expect(code).toBe(130)
      expect(await leftovers()).toEqual([])
    },
    DEMO_MS
  )

  test('is not content with an action that does nothing', async () => {
    await cp('action.yml', join(directory, 'action.yml'))
    await cp('examples/app', join(directory, 'examples/app'), { recursive: true })
    await mkdir(join(directory, 'dist'))
    for (const file of ['index.js', 'post.js']) await writeFile(join(directory, 'dist', file), '')
    let text = ''
    const screen = createScreen(written => (text += written), false)
    const { signal } = new AbortController()
    const options = { root: directory, output: directory, isDockerThere: false, screen, signal }
    expect(await runDemo(options)).toBe(false)
    expect(text).toContain('✘ outcome succeeded, exit code 0 was to come; it is none, exit code 0')
    expect(text).toContain('✘ every task runs the image of the second commit')
  })
})

describe('the screen', () => {
  function show(chunks: readonly string[], colours: boolean): string {
    let text = ''
    const screen = createScreen(written => (text += written), colours)
    for (const chunk of chunks) screen.log(chunk)
    return text
  }

  const LOG = ['##[group]Run me@v1\n', 'with:\n  service: web\n', '##[endgroup]\n', 'working\n##[error]it broke\n']

  test('folds the inputs of a step away, as the page of a job does', () => {
    expect(show(LOG, false)).toBe('▸ Run me@v1\nworking\nError: it broke\n')
  })

  test('takes colours away where nothing shows them', () => {
    expect(show(['\u001b[31mred\u001b[39m\n'], false)).toBe('red\n')
    expect(show(['\u001b[31mred\u001b[39m\n'], true)).toBe('\u001b[31mred\u001b[39m\n')
  })
})
