import { describe, expect, test } from '@jest/globals'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from '../scripts/bundle.ts'

const MAX_DIST_BYTES = 2_200_000

async function readDist(): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir('dist', { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return new Map(await Promise.all(paths.map(async path => [path, await readFile(path, 'utf8')] as const)))
}

describe('dist', () => {
  test('is what the sources build', async () => {
    const [built, committed] = await Promise.all([bundle(), readDist()])
    const stale = [...new Set([...built.keys(), ...committed.keys()])].filter(
      path => built.get(path) !== committed.get(path)
    )
    if (stale.length > 0) {
      throw new Error(
        `dist is not what the sources build (${stale.sort().join(', ')}): run npm run build and commit dist`
      )
    }
  })

  test('stays small', async () => {
    let bytes = 0
    for (const text of (await readDist()).values()) bytes += Buffer.byteLength(text)
    expect(bytes).toBeLessThan(MAX_DIST_BYTES)
  })
})
