import { mkdtemp, realpath, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { ParsedTaskDefinition } from '../decide/task/file.ts'
import { listed, quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import { readBounded } from './bounded-file.ts'

/** Larger than any task definition ECS takes (64 KiB), with room for comments. */
const LARGEST_FILE_BYTES = 4 * 1024 * 1024

/** The few files a run reads and writes. */
export interface Files {
  exists(path: string): Promise<boolean>
  /**
   * Reads a task definition file of the workspace, or one given by its absolute path; fails with `file-not-found`,
   * `invalid-task-definition`, and `invalid-input` for what leads out of the workspace.
   */
  readTaskDefinition(path: string): Promise<ParsedTaskDefinition>
  /** Writes a file of the runner's temporary directory and returns its absolute path. */
  writeTemporary(name: string, text: string): Promise<string>
}

/** Where files are looked for, as absolute paths. */
interface Places {
  readonly workspace: string
  readonly temporary: string
}

/** Files of the workspace and the runner's temporary directory. */
export function createFiles(workspace: string, temporary: string): Files {
  const places = { workspace: resolve(workspace), temporary: resolve(temporary) }
  return {
    async exists(path) {
      return (await stat(resolve(workspace, path)).catch(() => undefined))?.isFile() === true
    },

    async readTaskDefinition(path) {
      const text = await readText(places, path)
      // The parsers are loaded only for a deployment that has a file.
      const { parseTaskDefinitionFile } = await import('../decide/task/file.ts')
      return parseTaskDefinitionFile(text, path)
    },

    async writeTemporary(name, text) {
      const directory = await mkdtemp(join(temporary, 'ecs-deploy-'))
      const path = join(directory, name)
      await writeFile(path, text, { mode: 0o600 })
      return path
    }
  }
}

async function readText({ workspace, temporary }: Places, path: string): Promise<string> {
  const absolute = resolve(workspace, path)
  if (!isAbsolute(path) && !lies(absolute, workspace)) throw outside(path, 'leads')
  const actual = await realpath(absolute).catch(() => absolute)
  if (lies(absolute, workspace) && actual !== absolute) {
    // Whoever may propose a change to the repository may put a link there, but not choose which file is read.
    const homes = await Promise.all([workspace, temporary].map(place => realpath(place).catch(() => place)))
    if (!homes.some(home => lies(actual, home))) throw outside(path, 'is, or lies behind, a symbolic link that leads')
  }
  const found = await readBounded(actual, LARGEST_FILE_BYTES)
  switch (found.kind) {
    case 'text':
      return found.text
    case 'no-file':
      throw new Failure('file-not-found', `there is no file ${quoted(path)} (looked for ${listed([absolute])})`, {
        remedy: 'check the path, which is relative to the workspace, and that the repository is checked out'
      })
    case 'too-large':
      throw new Failure(
        'file-not-found',
        `the file ${quoted(path)} has ${String(found.bytes)} bytes, which is no task definition`
      )
  }
}

/** Whether a path is in a directory, both absolute. */
function lies(path: string, directory: string): boolean {
  const inside = relative(directory, path)
  return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}

function outside(path: string, how: string): Failure {
  return new Failure('invalid-input', `the file ${quoted(path)} ${how} outside the workspace`, {
    remedy: 'give its absolute path if that is meant'
  })
}
