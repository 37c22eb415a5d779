import { afterAll } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Real clones of a test file, in a directory that goes with it. */
export function createClones() {
  const root = mkdtempSync(join(tmpdir(), 'git-'))
  afterAll(() => {
    rmSync(root, { recursive: true, force: true })
  })

  function git(directory: string, ...args: string[]): string {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false']
    const options = { cwd: directory, encoding: 'utf8' } as const
    return execFileSync('git', [...identity, '-c', 'advice.nestedTag=false', ...args], options).trim()
  }

  /** An empty one with a directory `src`. */
  function clone(name: string): string {
    const directory = join(root, name)
    mkdirSync(join(directory, 'src'), { recursive: true })
    git(directory, 'init', '-q')
    return directory
  }
  return { root, git, clone }
}
