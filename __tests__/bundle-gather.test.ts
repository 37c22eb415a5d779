import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gather } from '../scripts/bundle-gather.ts'

/** What esbuild puts around an import() in CommonJS. */
const LATE = 'var __toESM=x=>x;'

const FILES = new Map([
  ['dist/index.js', `require("./chunks/a.js");${LATE}exports.late=()=>__toESM(require("./chunks/main-1.js"));`],
  [
    'dist/chunks/main-1.js',
    `${LATE}require("./a.js");exports.b=require("./b.js");exports.port=()=>__toESM(require("./port-1.js"));`
  ],
  ['dist/chunks/port-1.js', 'exports.b=require("./b.js");exports.d=require("./d.js");'],
  ['dist/chunks/other-1.js', 'exports.b=require("./b.js");exports.d=require("./d.js");'],
  ['dist/chunks/a.js', 'exports.name="a";'],
  ['dist/chunks/b.js', 'exports.c=require("./c.js");'],
  ['dist/chunks/c.js', 'exports.name="c";'],
  ['dist/chunks/d.js', 'exports.name="d";']
])

const CHECK = `
const main = require('./dist/index.js').late()
const other = require('./dist/chunks/other-1.js')
console.log(JSON.stringify([main.b.c.name, main.port().b === main.b, other.b === main.b, other.d === main.port().d]))
`

test('what a file loads in any case is in it, and every module still is there once', async () => {
  const gathered = gather(FILES, ['dist/index.js'], ['dist/chunks/main-1.js', 'dist/chunks/port-1.js'])
  expect([...gathered.keys()].sort()).toEqual(
    ['index.js', 'chunks/a.js', 'chunks/main-1.js', 'chunks/other-1.js', 'chunks/port-1.js']
      .map(path => `dist/${path}`)
      .sort()
  )
  const root = await mkdtemp(join(tmpdir(), 'gather-'))
  try {
    for (const [path, text] of gathered) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    await writeFile(join(root, 'check.js'), CHECK)
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'check.js')])
    expect(JSON.parse(stdout)).toEqual(['c', true, true, true])
  } finally {
    await rm(root, { recursive: true })
  }
})
