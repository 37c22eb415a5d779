import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gather, type Split } from '../scripts/bundle-gather.ts'

const SPLIT: Split = {
  files: new Map([
    ['dist/index.js', 'import "./chunks/chunk-a.js";export const late=()=>import("./chunks/main-1.js");'],
    [
      'dist/chunks/main-1.js',
      'import{a}from"./chunk-a.js";import{b}from"./chunk-b.js";export const port=()=>import("./port-1.js");export{a,b};'
    ],
    ['dist/chunks/port-1.js', 'import{b}from"./chunk-b.js";import{d}from"./chunk-d.js";export{b,d};'],
    ['dist/chunks/other-1.js', 'import{b}from"./chunk-b.js";import{d}from"./chunk-d.js";export{b,d};'],
    ['dist/chunks/chunk-a.js', 'export const a={name:"a"};'],
    ['dist/chunks/chunk-b.js', 'import{c}from"./chunk-c.js";const x={c};export{x as b};'],
    ['dist/chunks/chunk-c.js', 'const x={name:"c"};export{x as c};'],
    ['dist/chunks/chunk-d.js', 'export const d={name:"d"};']
  ]),
  imports: new Map([
    ['dist/index.js', ['dist/chunks/chunk-a.js']],
    ['dist/chunks/main-1.js', ['dist/chunks/chunk-a.js', 'dist/chunks/chunk-b.js']],
    ['dist/chunks/port-1.js', ['dist/chunks/chunk-b.js', 'dist/chunks/chunk-d.js']],
    ['dist/chunks/other-1.js', ['dist/chunks/chunk-b.js', 'dist/chunks/chunk-d.js']],
    ['dist/chunks/chunk-b.js', ['dist/chunks/chunk-c.js']]
  ])
}

const CHECK = `
const check = async () => {
  const main = await require('./dist/index.js').late()
  const port = await main.port()
  const other = require('./dist/chunks/other-1.js')
  return [main.a.name, main.b.c.name, port.b === main.b, other.b === main.b, other.d === port.d]
}
check().then(result => console.log(JSON.stringify(result)))
`

test('what is loaded together in any case is one file, and every module still is there once', async () => {
  const gathered = await gather(SPLIT, ['dist/index.js'], ['dist/chunks/main-1.js', 'dist/chunks/port-1.js'])
  expect([...gathered.keys()].sort()).toEqual(
    ['index.js', 'chunks/main-1.js', 'chunks/other-1.js', 'chunks/port-1.js', 'chunks/shared.js']
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
    expect(JSON.parse(stdout)).toEqual(['a', 'c', true, true, true])
  } finally {
    await rm(root, { recursive: true })
  }
})
