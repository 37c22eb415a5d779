import { describe, expect, test } from '@jest/globals'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { findCheckout } from '../../src/io/git.ts'
import { createClones } from '../support/clones.ts'

const { root, git, clone } = createClones()

async function headOf(directory: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  return (await findCheckout('.', directory, environment)).head
}

describe('findCheckout', () => {
  test('the full id of what is checked out, from a subdirectory too', async () => {
    const directory = clone('plain')
    git(directory, 'commit', '-q', '--allow-empty', '-m', 'one')
    const commit = git(directory, 'rev-parse', 'HEAD')
    expect(await headOf(directory, process.env)).toBe(commit)
    expect(await headOf(join(directory, 'src'), process.env)).toBe(commit)
  })

  test('of a clone in a directory of another, its own; of a submodule, that of the repository around it', async () => {
    const outer = clone('outer')
    const inner = clone('outer/src')
    for (const each of [outer, inner, clone('library')]) git(each, 'commit', '-q', '--allow-empty', '-m', each)
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', join(root, 'library'), 'vendor/library')
    expect(await headOf(inner, process.env)).toBe(git(inner, 'rev-parse', 'HEAD'))
    expect(await headOf(outer, process.env)).not.toBe(git(inner, 'rev-parse', 'HEAD'))
    expect(await headOf(join(outer, 'vendor/library'), process.env)).toBe(git(outer, 'rev-parse', 'HEAD'))
    expect((await findCheckout('vendor/library/src', outer, process.env)).place).toBe(undefined)
    mkdirSync(join(outer, 'vendor/library/src'))
    expect((await findCheckout('vendor/library/src', outer, process.env)).place).toBe('vendor/library')
  })

  test('of a path is that of its clone, else that of the workspace', async () => {
    const workspace = clone('workspace')
    const inner = clone('workspace/repo')
    for (const each of [workspace, inner]) git(each, 'commit', '-q', '--allow-empty', '-m', each)
    mkdirSync(join(root, 'gathered'))
    const [own, its] = [workspace, inner].map(each => git(each, 'rev-parse', 'HEAD'))
    for (const path of ['.', 'src', join(root, 'gathered'), 'not-there']) {
      expect((await findCheckout(path, workspace, process.env)).head).toBe(own)
    }
    expect((await findCheckout('repo/src', workspace, process.env)).directory).toBe(join(inner, 'src'))
    const places = ['.', 'src', 'repo', 'repo/src', join(inner, 'src'), join(root, 'gathered'), 'not-there']
    const found = await Promise.all(places.map(path => findCheckout(path, workspace, process.env)))
    expect(found.map(({ place }) => place)).toEqual(['', 'src', '', 'src', 'src', undefined, undefined])
    for (const path of ['repo', 'repo/src', inner])
      expect((await findCheckout(path, workspace, process.env)).head).toBe(its)
  })

  test("another repository's GIT_DIR changes nothing", async () => {
    const directory = clone('one')
    git(directory, 'commit', '-q', '--allow-empty', '-m', 'one')
    const other = clone('other')
    const environment = { ...process.env, GIT_DIR: join(other, '.git') }
    expect(await headOf(directory, environment)).toBe(git(directory, 'rev-parse', 'HEAD'))
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
    expect(await headOf(directory, process.env)).toBe(commit)
  })

  test('undefined where there is no clone, no commit, no directory or no git', async () => {
    expect(await headOf(root, process.env)).toBeUndefined()
    expect(await headOf(clone('empty'), process.env)).toBeUndefined()
    expect(await headOf(join(root, 'missing'), process.env)).toBeUndefined()
    expect(await headOf(clone('plain2'), { PATH: root })).toBeUndefined()
  })
})
