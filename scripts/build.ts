import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { bundle } from './bundle.ts'

const files = await bundle()
await rm('dist', { recursive: true, force: true })
for (const [path, text] of files) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
console.log(`dist: ${String(files.size)} files, ${(bytes / 1e6).toFixed(2)} MB`)
