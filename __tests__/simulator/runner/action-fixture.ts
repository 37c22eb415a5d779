import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from '@jest/globals'

const directories: string[] = []

afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true })
})

/** Writes an action into a new directory: file names and texts; `action.yml` is a main script alone unless given. */
export async function writeAction(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'action-'))
  directories.push(directory)
  const manifest = ['name: Fixture', 'runs:', '  using: node24', '  main: main.mjs'].join('\n')
  for (const [name, text] of Object.entries({ 'action.yml': manifest, ...files })) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  return directory
}

/** A manifest with main and post, and whatever else `runs` shall say. */
export function manifestWithPost(more = ''): string {
  return `name: Fixture\nruns:\n  using: node24\n  main: main.mjs\n  post: post.mjs\n${more}`
}
