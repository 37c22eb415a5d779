import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFiles, type Files } from '../../src/io/files.ts'

const TASK = '{"family": "web", "containerDefinitions": [{"name": "web", "image": "web:1"}]}'

let root: string
let workspace: string
let temporary: string
let files: Files

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'files-'))
  workspace = join(root, 'workspace')
  temporary = join(root, 'temporary')
  for (const directory of [workspace, temporary, join(workspace, 'deploy'), join(root, 'elsewhere')])
    mkdirSync(directory)
  for (const path of [workspace, temporary, join(root, 'elsewhere'), join(workspace, 'deploy')]) {
    writeFileSync(join(path, 'task.json'), TASK)
  }
  symlinkSync('task.json', join(workspace, 'same.json'))
  symlinkSync(join(temporary, 'task.json'), join(workspace, 'rendered.json'))
  symlinkSync(join(root, 'elsewhere', 'task.json'), join(workspace, 'out.json'))
  symlinkSync(join(root, 'elsewhere'), join(workspace, 'outside'))
  symlinkSync('/proc/self/environ', join(workspace, 'environment.json'))
  symlinkSync('/dev/zero', join(workspace, 'endless.json'))
  symlinkSync('loop.json', join(workspace, 'loop.json'))
  execFileSync('mkfifo', [join(workspace, 'pipe.json')])
  writeFileSync(join(workspace, 'huge.json'), '')
  truncateSync(join(workspace, 'huge.json'), 1024 ** 4)
  files = createFiles(workspace, temporary)
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('a task definition file', () => {
  test.each(['task.json', './deploy/../task.json', 'deploy/task.json', 'same.json', 'rendered.json'])(
    'is read in the workspace: %s',
    async path => {
      const { document } = await files.readTaskDefinition(path)
      expect(document).toMatchObject({ family: 'web' })
    }
  )

  test('may be given by its absolute path, as steps before hand it over', async () => {
    for (const directory of [temporary, join(root, 'elsewhere')]) {
      const { document } = await files.readTaskDefinition(join(directory, 'task.json'))
      expect(document).toMatchObject({ family: 'web' })
    }
  })

  test.each([
    ['../elsewhere/task.json', /outside the workspace/],
    ['deploy/../../elsewhere/task.json', /outside the workspace/],
    ['out.json', /symbolic link .* outside/],
    ['outside/task.json', /symbolic link .* outside/],
    ['environment.json', /symbolic link .* outside/],
    ['endless.json', /symbolic link .* outside|no file/],
    ['loop.json', /no file/],
    ['pipe.json', /no file/],
    ['huge.json', /1099511627776 bytes/],
    ['deploy', /no file/],
    ['gone.json', /no file/],
    ['a\u0000b', /no file/]
  ])('is refused at once: %j', async (path, said) => {
    await expect(files.readTaskDefinition(path)).rejects.toThrow(said)
  })

  test.each(['/dev/zero', '/dev/stdin', '/proc/kmsg', '/'])('is no device: %s', async path => {
    await expect(files.readTaskDefinition(path)).rejects.toMatchObject({ name: 'Failure' })
  })

  test('is not looked for outside the workspace', async () => {
    expect(await files.exists('task.json')).toBe(true)
    expect(await files.exists('pipe.json')).toBe(false)
  })
})

describe('a file for later steps', () => {
  test('is for this user alone, in the temporary directory', async () => {
    const path = await files.writeTemporary('task-definition.json', TASK)
    expect(path.startsWith(join(temporary, 'ecs-deploy-'))).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})
