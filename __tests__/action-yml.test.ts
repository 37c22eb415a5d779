import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { INPUT_DEFAULTS } from '../src/inputs/defaults.ts'

interface ActionFile {
  readonly name: string
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: unknown }>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
  readonly runs: Readonly<Record<string, string>>
}

const action = parse(readFileSync(new URL('../action.yml', import.meta.url), 'utf8')) as ActionFile

describe('action.yml', () => {
  test('declares the inputs that the code reads, with the same defaults', () => {
    const declared = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? ''])
    expect(declared).toEqual(Object.entries(INPUT_DEFAULTS))
  })

  test('writes every default as a text, so that no YAML reader makes something else of it', () => {
    const types = Object.values(action.inputs).map(input => typeof input.default)
    expect(new Set(types)).toEqual(new Set(['string', 'undefined']))
  })

  test('requires no input and says of none twice what GitHub says by itself', () => {
    const members = new Set(Object.values(action.inputs).flatMap(input => Object.keys(input)))
    expect(members).toEqual(new Set(['description', 'default']))
  })

  test.each(Object.entries({ ...action.inputs, ...action.outputs }))('describes %s in one sentence', (_name, input) => {
    expect(input.description).toMatch(/^[A-Z].*[^.]\.$/)
    expect(input.description).not.toMatch(/\. [A-Z]/)
    expect(input.description).not.toContain('\n')
  })

  test('declares the outputs', () => {
    expect(Object.keys(action.outputs)).toEqual([
      'outcome',
      'reason',
      'reason-code',
      'image',
      'image-digest',
      'image-tags',
      'version',
      'released',
      'images',
      'task-definition-arn',
      'previous-task-definition-arn',
      'task-definition',
      'deployment-id',
      'service-deployment-arn',
      'console-url',
      'services',
      'changed'
    ])
  })

  test('runs a file for main and, whatever becomes of main, another one for post', () => {
    expect(action.runs).toEqual({
      using: 'node24',
      main: 'dist/index.js',
      post: 'dist/post.js',
      'post-if': 'always()'
    })
  })
})
