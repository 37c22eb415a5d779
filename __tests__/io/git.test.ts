import { describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGit, findCheckout } from '../../src/io/git.ts'
import { createClones } from '../support/clones.ts'

const { root, git, clone } = createClones()

test('a cancelled job does not wait for git', async () => {
  const bin = join(root, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'git'), `#!/bin/sh\ntrap '' TERM\necho $$ > '${root}/pid'\nexec sleep 60\n`, { mode: 0o755 })
  const cancellation = new AbortController()
  const environment = { PATH: `${bin}:${process.env['PATH'] ?? ''}` }
  const port = createGit(root, environment, cancellation.signal)
  const asked = [
    port.commits({ since: 'a', until: 'b', paths: [] }),
    port.tags(),
    port.depth(),
    port.committedAt('HEAD'),
    findCheckout('.', root, environment, cancellation.signal)
  ].map(answer => expect(answer).rejects.toThrow('cancelled'))
  setTimeout(() => {
    cancellation.abort(new Error('cancelled'))
  }, 300)
  await Promise.all(asked)
})

describe('committedAt', () => {
  test('is the time of the commit, and undefined for one that is not there', async () => {
    const directory = clone('dated')
    const date = '2026-03-02T09:14:07+01:00'
    const environment = { ...process.env, GIT_COMMITTER_DATE: date }
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false']
    const args = [...identity, 'commit', '-q', '--allow-empty', '-m', 'one']
    execFileSync('git', args, { cwd: directory, env: environment })
    const port = createGit(directory, process.env)
    expect(await port.committedAt(git(directory, 'rev-parse', 'HEAD'))).toBe(date)
    expect(await port.committedAt('0'.repeat(40))).toBeUndefined()
    expect(await createGit(root, process.env).committedAt('HEAD')).toBeUndefined()
  })
})

describe('createGit', () => {
  function commit(directory: string, message: string, path?: string): string {
    if (path !== undefined) {
      mkdirSync(join(directory, path, '..'), { recursive: true })
      appendFileSync(join(directory, path), `${message}\n`)
      git(directory, 'add', '-A')
    }
    git(directory, 'commit', '-q', '--allow-empty', '--cleanup=verbatim', '-m', message)
    return git(directory, 'rev-parse', 'HEAD')
  }
  const messages = (commits: readonly { readonly message: string }[]) => commits.map(({ message }) => message.trim())

  test('the messages since a commit, newest first, whole and whatever they hold', async () => {
    const directory = clone('messages')
    const since = commit(directory, 'one')
    const odd = 'feat: ü ✨\n\nwith \u001b[31m, %H, --option, \t and\n\n* a list\n\nBREAKING CHANGE: so'
    commit(directory, odd)
    const until = commit(directory, 'three')
    const found = await createGit(directory, process.env).commits({ since, until, paths: [] })
    expect(messages(found)).toEqual(['three', odd])
    expect(found[0]?.sha).toBe(until)
    expect(await createGit(directory, process.env).commits({ since: until, until: since, paths: [] })).toEqual([])
  })

  test('only those of a path, and the merges that brought them', async () => {
    const directory = clone('paths')
    const since = commit(directory, 'start', 'README')
    const main = git(directory, 'branch', '--show-current')
    commit(directory, 'feat: api', 'packages/api/a')
    commit(directory, 'feat!: web', 'packages/web/a')
    commit(directory, 'feat!: glob', 'packages/apis/a')
    git(directory, 'checkout', '-q', '-b', 'topic')
    commit(directory, 'work in progress', 'packages/api/b')
    git(directory, 'checkout', '-q', main)
    commit(directory, 'docs: meanwhile', 'README')
    git(directory, 'merge', '-q', '--no-ff', '-m', 'Merge pull request #1 from o/topic\n\nfix: api', 'topic')
    const until = git(directory, 'rev-parse', 'HEAD')
    const reader = createGit(join(directory, 'src'), process.env)
    expect(messages(await reader.commits({ since, until, paths: ['packages/api'] }))).toEqual([
      'Merge pull request #1 from o/topic\n\nfix: api',
      'work in progress',
      'feat: api'
    ])
    expect(await reader.commits({ since, until, paths: ['packages/*'] })).toEqual([])
  })

  test('the parents of the commits of a range, and which paths there are', async () => {
    const directory = clone('merged')
    const since = commit(directory, 'start', 'web/a')
    const main = git(directory, 'branch', '--show-current')
    git(directory, 'checkout', '-q', '-b', 'topic')
    const topic = commit(directory, 'feat: a', 'web/*/b')
    git(directory, 'checkout', '-q', main)
    git(directory, 'merge', '-q', '--no-ff', '-m', 'merge', 'topic')
    const until = git(directory, 'rev-parse', 'HEAD')
    const reader = createGit(join(directory, 'src'), process.env)
    expect(await reader.parents({ since, until })).toEqual(
      new Map([
        [until, [since, topic]],
        [topic, [since]]
      ])
    )
    expect(await reader.findPaths(until, ['web', 'web/a', 'web/*', 'web/?', 'src', '-z'])).toEqual([
      'web',
      'web/a',
      'web/*'
    ])
    expect(await reader.findPaths(since, ['web/*', 'we'])).toEqual([])
  })

  test('a clone without trees cannot say what its commits touch, one without files can', async () => {
    const directory = clone('full')
    const since = commit(directory, 'start', 'web/a')
    commit(directory, 'feat: a', 'web/b')
    const until = commit(directory, 'docs: b', 'api/c')
    git(directory, 'config', 'uploadpack.allowFilter', 'true')
    for (const filter of ['tree:0', 'blob:none']) {
      git(root, 'clone', '-q', `--filter=${filter}`, `file://${directory}`, filter.replace(':', '-'))
    }
    rmSync(directory, { recursive: true })
    const range = { since, until, paths: ['web'] }
    await expect(createGit(join(root, 'tree-0'), process.env).commits(range)).rejects.toMatchObject({
      code: 'history-missing',
      remedy: expect.stringContaining('blob:none') as unknown
    })
    expect(messages(await createGit(join(root, 'blob-none'), process.env).commits(range))).toEqual(['feat: a'])
  })

  test('what a foreign repository configures is not run', async () => {
    const directory = clone('hostile')
    const since = commit(directory, 'one')
    const until = commit(directory, 'two')
    const trap = join(directory, 'sprung')
    writeFileSync(join(directory, 'trap.sh'), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 })
    for (const [name, value] of [
      ['log.showSignature', 'true'],
      ['gpg.program', './trap.sh'],
      ['core.pager', './trap.sh'],
      ['core.fsmonitor', './trap.sh'],
      ['core.sshCommand', './trap.sh'],
      ['diff.external', './trap.sh'],
      ['format.pretty', 'oneline'],
      ['color.ui', 'always']
    ] as const) {
      git(directory, 'config', name, value)
    }
    const reader = createGit(directory, process.env)
    expect(messages(await reader.commits({ since, until, paths: ['.'] }))).toEqual([])
    expect(messages(await reader.commits({ since, until, paths: [] }))).toEqual(['two'])
    expect(await reader.tags()).toEqual([])
    expect(await createGit(root, process.env).depth()).toBe('none')
    expect(() => rmSync(trap)).toThrow('ENOENT')
  })

  test('tags with the commits they are on, light or annotated', async () => {
    const directory = clone('tags')
    const first = commit(directory, 'one')
    git(directory, 'tag', 'v1.0.0')
    git(directory, 'tag', 'a/deep-tag', '-m', 'annotated')
    git(directory, 'tag', 'twice', '-m', 'a tag of a tag', 'a/deep-tag')
    const second = commit(directory, 'two', 'file')
    git(directory, 'tag', 'v1.1.0')
    git(directory, 'tag', 'directory', 'HEAD^{tree}')
    const found = await createGit(directory, process.env).tags()
    expect(found).toEqual(
      expect.arrayContaining([
        { name: 'v1.0.0', sha: first },
        { name: 'a/deep-tag', sha: first },
        { name: 'twice', sha: first },
        { name: 'v1.1.0', sha: second }
      ])
    )
    expect(found.map(({ name }) => name)).not.toContain('directory')
  })

  test('a commit by its id, cut off or not, and by nothing else', async () => {
    const directory = clone('ids')
    const sha = commit(directory, 'one')
    const reader = createGit(directory, process.env)
    expect(await reader.findCommit(sha)).toBe(sha)
    expect(await reader.findCommit(sha.slice(0, 7))).toBe(sha)
    expect(await reader.findCommit('f'.repeat(40))).toBeUndefined()
    expect(await reader.findCommit('HEAD')).toBeUndefined()
    expect(await reader.findCommit('--all')).toBeUndefined()
  })

  test('how much of the history is there', async () => {
    const directory = clone('deep')
    commit(directory, 'one')
    commit(directory, 'two')
    git(root, 'clone', '-q', '--depth', '1', `file://${directory}`, 'cut')
    expect(await createGit(directory, process.env).depth()).toBe('whole')
    expect(await createGit(join(root, 'cut'), process.env).depth()).toBe('shallow')
    expect(await createGit(root, process.env).depth()).toBe('none')
    expect(await createGit(directory, { PATH: root }).depth()).toBe('none')
  })

  test('what cannot be read is an error with the way out', async () => {
    const directory = clone('unreadable')
    const since = commit(directory, 'one')
    const range = { since, until: 'f'.repeat(40), paths: [] }
    await expect(createGit(directory, process.env).commits(range)).rejects.toMatchObject({
      code: 'invalid-input',
      remedy: expect.stringContaining('fetch-depth: 0') as unknown
    })
  })

  test('ten thousand commits are read, and one more is too many', async () => {
    const directory = clone('many')
    const commits = Array.from(
      { length: 10_002 },
      (_, index) => `commit refs/heads/many\ncommitter t <t@e> ${String(1e9 + index)} +0000\ndata 6\nfix: a\n`
    )
    execFileSync('git', ['fast-import', '--quiet'], { cwd: directory, input: commits.join('') })
    const reader = createGit(directory, process.env)
    const [until, last, first] = ['many', 'many~1', 'many~10001'].map(name => git(directory, 'rev-parse', name))
    expect(await reader.commits({ since: first ?? '', until: last ?? '', paths: [] })).toHaveLength(10_000)
    await expect(reader.commits({ since: first ?? '', until: until ?? '', paths: [] })).rejects.toThrow(/10000/)
  })
})
