import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createWorkspaceFiles } from '../../src/io/workspace-files.ts'

let root: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'workspace-files-'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

function workspace(files: Readonly<Record<string, string | Buffer>>): string {
  const directory = mkdtempSync(join(root, 'workspace-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
  return directory
}

const TREE = {
  'compose.yaml': 'a',
  'compose.prod.yaml': 'b',
  'deploy/web/task.json': 'c',
  'deploy/api/task.json': 'd',
  '.github/task.json': 'e',
  'node_modules/x/task.json': 'f'
}

describe('settings', () => {
  test('come from the environment, else from every .env beside the file and above', async () => {
    const directory = workspace({
      '.env': 'TAG=1\nA=a',
      'deploy/.env': 'TAG=2',
      'deploy/web/.env/x': '',
      'other/.env': 'TAG=3'
    })
    const settings = await createWorkspaceFiles(directory, { A: 'b' }).settingsFor('deploy/web/compose.yaml')
    expect(settings('TAG')).toEqual([
      { by: 'deploy/.env', value: '2' },
      { by: '.env', value: '1' }
    ])
    expect(settings('A')).toEqual([{ by: "this job's environment", value: 'b' }])
    expect(settings('B')).toEqual([])
  })

  test('come from the files that COMPOSE_ENV_FILES lists, too', async () => {
    const directory = workspace({ '.env': 'TAG=1', 'prod.env': 'TAG=2', 'env/eu': 'TAG=3' })
    const settingsIn = (list: string) =>
      createWorkspaceFiles(directory, { COMPOSE_ENV_FILES: list }).settingsFor('deploy/compose.yaml')
    expect((await settingsIn(`prod.env, ${join(directory, 'env/eu')}`))('TAG')).toEqual([
      { by: 'prod.env', value: '2' },
      { by: join(directory, 'env/eu'), value: '3' },
      { by: '.env', value: '1' }
    ])
    expect((await settingsIn(''))('TAG')).toEqual([{ by: '.env', value: '1' }])
    await expect(settingsIn('prod.env,other.env')).rejects.toMatchObject({
      code: 'file-not-found',
      message: expect.stringContaining("'other.env'") as unknown
    })
  })

  test('of a .env that is far too large are nobody knows what', async () => {
    const files = createWorkspaceFiles(workspace({ '.env': Buffer.alloc(2 ** 20 + 1) }))
    await expect(files.settingsFor('compose.yaml')).rejects.toMatchObject({ code: 'invalid-input' })
  })
})

describe('find', () => {
  test('fails when nothing is left', async () => {
    await expect(createWorkspaceFiles(workspace(TREE)).find(['compose*.yaml', '!*.yaml'])).rejects.toMatchObject({
      code: 'file-not-found',
      message: expect.stringContaining('*.yaml takes away all that match') as unknown
    })
  })

  test.each([
    [['compose.yaml'], ['compose.yaml']],
    [['./compose*.yaml'], ['compose.prod.yaml', 'compose.yaml']],
    [
      ['deploy/**/task.json', 'compose.yaml', 'compose.*'],
      ['compose.prod.yaml', 'compose.yaml', 'deploy/api/task.json', 'deploy/web/task.json']
    ],
    [
      ['**/task.json', '!node_modules/**'],
      ['deploy/api/task.json', 'deploy/web/task.json']
    ],
    [['.github/*'], ['.github/task.json']]
  ])('%j', async (patterns, paths) => {
    expect(await createWorkspaceFiles(workspace(TREE)).find(patterns)).toEqual(paths)
  })

  test.each(['missing.yaml', '*.toml', 'deploy'])('nothing for %s is an error', async pattern => {
    await expect(createWorkspaceFiles(workspace(TREE)).find(['compose.yaml', pattern])).rejects.toMatchObject({
      code: 'file-not-found',
      message: expect.stringContaining(pattern) as unknown
    })
  })
})

describe('read', () => {
  test('gives the text as it is', async () => {
    const directory = workspace({ a: '\uFEFFü\r\n\0' })
    expect(await createWorkspaceFiles(directory).read('a')).toEqual({ path: 'a', text: '\uFEFFü\r\n\0' })
  })

  test('refuses links, what lies outside, what is large and what is no text', async () => {
    const outside = workspace({ secret: 'x', 'folder/secret': 'x' })
    const directory = workspace({ ok: 'x', large: 'x'.repeat(1024 * 1024 + 1), binary: Buffer.from([0xff, 0xfe]) })
    symlinkSync(join(directory, 'ok'), join(directory, 'link'))
    symlinkSync(join(outside, 'secret'), join(directory, 'away'))
    symlinkSync(join(outside, 'folder'), join(directory, 'folder'))
    mkdirSync(join(directory, 'directory'))
    const files = createWorkspaceFiles(directory)
    for (const [path, sentence] of [
      ['link', 'symbolic link'],
      ['away', 'symbolic link'],
      ['folder/secret', 'symbolic link'],
      ['large', '1048577 bytes'],
      ['binary', 'no UTF-8 text'],
      ['directory', 'no file'],
      ['missing', 'no file']
    ] as const) {
      await expect(files.read(path)).rejects.toThrow(sentence)
    }
    expect(await files.find(['link'])).toEqual(['link'])
    expect(await files.find(['**'])).not.toContain('folder/secret')
  })
})

test('does not wait for a pipe', async () => {
  const directory = workspace({ 'compose.yaml': 'a' })
  execFileSync('mkfifo', [join(directory, 'compose.pipe.yaml')])
  const files = createWorkspaceFiles(directory)
  const [path = ''] = await files.find(['compose.p*.yaml'])
  await expect(files.read(path)).rejects.toThrow('is no file')
})

describe('replace', () => {
  test('writes whole files with their modes, and leaves nothing beside them', async () => {
    const directory = workspace({ a: 'one', 'b/c': 'two' })
    chmodSync(join(directory, 'a'), 0o640)
    const files = createWorkspaceFiles(directory)
    const read = await Promise.all(['a', 'b/c'].map(path => files.read(path)))
    await files.replace(read.map(file => ({ file, text: `${file.text}!` })))
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('one!')
    expect(readFileSync(join(directory, 'b/c'), 'utf8')).toBe('two!')
    expect(statSync(join(directory, 'a')).mode & 0o777).toBe(0o640)
    expect([...readdirSync(directory), ...readdirSync(join(directory, 'b'))]).toEqual(['a', 'b', 'c'])
  })

  test('writes none when one of them was changed or replaced meanwhile', async () => {
    for (const meanwhile of [
      (path: string) => {
        writeFileSync(path, 'three')
      },
      (path: string) => {
        rmSync(path)
        symlinkSync('/etc/hostname', path)
      },
      (path: string) => {
        rmSync(path)
      }
    ]) {
      const directory = workspace({ a: 'one', b: 'two' })
      const files = createWorkspaceFiles(directory)
      const read = await Promise.all(['a', 'b'].map(path => files.read(path)))
      meanwhile(join(directory, 'b'))
      await expect(files.replace(read.map(file => ({ file, text: 'new' })))).rejects.toThrow()
      expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('one')
      expect(readdirSync(directory).filter(name => name.endsWith('.tmp'))).toEqual([])
    }
  })
})
