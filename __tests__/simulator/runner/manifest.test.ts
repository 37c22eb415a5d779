import { describe, expect, test } from '@jest/globals'
import { inputVariable, readManifest, resolveInputs } from '../../../simulator/runner/manifest.ts'
import { writeAction } from './action-fixture.ts'

const YAML = `
name: Fixture
inputs:
  who-to greet:
    default: World
    required: true
  count: { default: 3 }
  token: { default: '\${{ github.token }}' }
  old: { deprecationMessage: use new instead }
  bare:
runs: { using: node20, main: dist/index.js, post: dist/index.js, post-if: success() }
`

describe('readManifest', () => {
  test('reads what runs and which inputs there are', async () => {
    const manifest = readManifest(await writeAction({ 'action.yml': YAML }))
    expect(manifest).toMatchObject({
      main: 'dist/index.js',
      pre: undefined,
      post: 'dist/index.js',
      postIf: 'success()'
    })
    expect(manifest.inputs.map(input => [input.name, input.default])).toEqual([
      ['who-to greet', 'World'],
      ['count', '3'],
      ['token', '${{ github.token }}'],
      ['old', ''],
      ['bare', '']
    ])
  })

  test.each([
    ['runs: { using: node16, main: a.js }', "'using: node16' is not supported, use node20 or node24 instead"],
    ['runs: { using: composite }', "'using: composite' is not supported"],
    ['runs: { using: node24 }', "names no 'main'"]
  ])('refuses %s', async (yaml, message) => {
    const directory = await writeAction({ 'action.yml': yaml })
    expect(() => readManifest(directory)).toThrow(message)
  })

  test('says when there is no action', () => {
    expect(() => readManifest('/nowhere')).toThrow(
      "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '/nowhere'"
    )
  })
})

describe('resolveInputs', () => {
  test('adds defaults, evaluated, and says nothing of a required input that is missing', async () => {
    const manifest = readManifest(await writeAction({ 'action.yml': YAML }))
    const resolved = resolveInputs(manifest, { COUNT: '', bare: 'x' }, { github: { token: 't0' } })
    expect(Object.fromEntries(resolved.values)).toEqual({
      COUNT: '',
      bare: 'x',
      'who-to greet': 'World',
      token: 't0',
      old: ''
    })
    expect(resolved.warnings).toEqual([])
  })

  test('warns of unexpected and deprecated inputs in the words of the runner', async () => {
    const manifest = readManifest(await writeAction({ 'action.yml': YAML }))
    expect(resolveInputs(manifest, { nope: '1', old: '2', no2: '3' }, { github: {} }).warnings).toEqual([
      "Input 'old' has been deprecated with message: use new instead",
      "Unexpected input(s) 'nope', 'no2', valid inputs are ['who-to greet', 'count', 'token', 'old', 'bare']"
    ])
  })

  test('names variables as the runner does', () => {
    expect(inputVariable('who-to greet')).toBe('INPUT_WHO-TO_GREET')
  })
})
