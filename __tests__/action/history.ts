import { afterAll } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { WorldImage } from '../../simulator/cloud/world.ts'
import type { Simulator } from '../../simulator/simulator.ts'

const root = mkdtempSync(join(tmpdir(), 'histories-'))

afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

/** A history on `main`, one commit a message, each on a file that its line may name: `path | message`. */
export class History {
  readonly directory = mkdtempSync(join(root, 'clone-'))
  readonly shas: string[] = []

  constructor(...commits: readonly string[]) {
    this.git('init', '-q', '-b', 'main')
    for (const commit of commits) this.commit(commit)
  }

  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false']
    return execFileSync('git', [...identity, ...args], { cwd: this.directory, encoding: 'utf8' }).trim()
  }

  commit(text: string): string {
    const [, path = 'file', message = text] = /^(\S+) \| (.*)$/s.exec(text) ?? []
    mkdirSync(dirname(join(this.directory, path)), { recursive: true })
    writeFileSync(join(this.directory, path), String(this.shas.length))
    this.git('add', '-A')
    this.git('commit', '-q', '-m', message)
    const sha = this.git('rev-parse', 'HEAD')
    this.shas.push(sha)
    return sha
  }

  /** The commit at a position, from the end when it is negative. */
  at(index: number): string {
    return this.shas.at(index) ?? ''
  }

  /** The image of a commit. */
  image(index: number, ...tags: readonly string[]): WorldImage {
    const sha = this.at(index)
    return { tags: [`main-${sha.slice(0, 7)}`, ...tags], labels: { 'org.opencontainers.image.revision': sha } }
  }

  /** The job of a commit, with the whole history checked out, into a directory of the workspace where one is named. */
  job(index = -1, below = '') {
    const checkOut = (_: Simulator, workspace: string) => {
      cpSync(this.directory, join(workspace, below), { recursive: true })
    }
    return { sha: this.at(index), before: checkOut }
  }
}
