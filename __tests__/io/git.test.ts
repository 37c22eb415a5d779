import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { headCommit } from '../../src/io/git.ts'

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'git-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function git(directory: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false']
  return execFileSync('git', [...identity, ...args], { cwd: directory, encoding: 'utf8' }).trim()
}

function clone(name: string): string {
  const directory = join(root, name)
  mkdirSync(join(directory, 'src'), { recursive: true })
  git(directory, 'init', '-q')
  return directory
}

describe('headCommit', () => {
  test('the full id of what is checked out, from a subdirectory too', async () => {
    const directory = clone('plain')
    git(directory, 'commit', '-q', '--allow-empty', '-m', 'one')
    const commit = git(directory, 'rev-parse', 'HEAD')
    expect(await headCommit(directory, process.env)).toBe(commit)
    expect(await headCommit(join(directory, 'src'), process.env)).toBe(commit)
  })

  test("another repository's GIT_DIR changes nothing", async () => {
    const directory = clone('one')
    git(directory, 'commit', '-q', '--allow-empty', '-m', 'one')
    const other = clone('other')
    const environment = { ...process.env, GIT_DIR: join(other, '.git') }
    expect(await headCommit(directory, environment)).toBe(git(directory, 'rev-parse', 'HEAD'))
  })

  test("somebody else's clone is read all the same, as in a job container", async () => {
    const directory = clone('foreign')
    git(directory, 'commit', '-q', '--allow-empty', '-m', 'one')
    const commit = git(directory, 'rev-parse', 'HEAD')
    // Only root can give a directory away; for anybody else this is the plain case once more.
    if (process.getuid?.() === 0) {
      chownSync(directory, 12345, 12345)
      chownSync(join(directory, '.git'), 12345, 12345)
    }
    expect(await headCommit(directory, process.env)).toBe(commit)
  })

  test('undefined where there is no clone, no commit, no directory or no git', async () => {
    expect(await headCommit(root, process.env)).toBeUndefined()
    expect(await headCommit(clone('empty'), process.env)).toBeUndefined()
    expect(await headCommit(join(root, 'missing'), process.env)).toBeUndefined()
    expect(await headCommit(clone('plain2'), { PATH: root })).toBeUndefined()
  })
})
