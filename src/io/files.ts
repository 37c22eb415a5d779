import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import type { ParsedTaskDefinition } from '../decide/task/file.ts'
import { Failure } from '../failure.ts'

/** Larger than any task definition ECS takes (64 KiB), with room for comments. */
const LARGEST_FILE_BYTES = 4 * 1024 * 1024

/** The few files a run reads and writes. */
export interface Files {
  exists(path: string): Promise<boolean>
  /** Reads a task definition file; fails with `file-not-found` or `invalid-task-definition`. */
  readTaskDefinition(path: string): Promise<ParsedTaskDefinition>
  /** Writes a file of the runner's temporary directory and returns its absolute path. */
  writeTemporary(name: string, text: string): Promise<string>
}

/** Files of the workspace and the runner's temporary directory. */
export function createFiles(workspace: string, temporary: string): Files {
  function locate(path: string): string {
    return isAbsolute(path) ? path : resolve(workspace, path)
  }
  return {
    async exists(path) {
      return (await stat(locate(path)).catch(() => undefined))?.isFile() === true
    },

    async readTaskDefinition(path) {
      const text = await readText(locate(path), path)
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

async function readText(absolute: string, path: string): Promise<string> {
  const found = await stat(absolute).catch(() => undefined)
  if (found?.isFile() !== true) {
    throw new Failure('file-not-found', `there is no file '${path}' (looked for ${absolute})`, {
      remedy: 'check the path, which is relative to the workspace, and that the repository is checked out'
    })
  }
  if (found.size > LARGEST_FILE_BYTES) {
    throw new Failure(
      'file-not-found',
      `the file '${path}' has ${String(found.size)} bytes, which is no task definition`
    )
  }
  return readFile(absolute, 'utf8')
}
