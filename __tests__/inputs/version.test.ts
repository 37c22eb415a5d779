import { describe, expect, test } from '@jest/globals'
import type { InputName } from '../../src/inputs/defaults.ts'
import type { VersionRequest } from '../../src/inputs/version.ts'
import { environmentOf, problemsOf, readDeployInputs } from './environment.ts'

type Given = Partial<Record<InputName, string>>

function read(inputs: Given): VersionRequest {
  return readDeployInputs(environmentOf({ service: 'web', ...inputs })).image.version
}

const RULES = { initial: '1.0.0', majorZero: 'keep', prerelease: false }

describe('inputs about the version', () => {
  test.each<[Given, unknown]>([
    [{}, { kind: 'from-git-tag' }],
    [{ version: 'v1.4.2' }, { kind: 'exact', version: '1.4.2' }],
    [{ version: 'auto' }, { kind: 'auto', rules: RULES, paths: undefined }],
    [
      { version: 'auto', 'initial-version': '0.1.0', 'major-zero': 'strict', prerelease: 'true' },
      { kind: 'auto', rules: { initial: '0.1.0', majorZero: 'strict', prerelease: true }, paths: undefined }
    ],
    [{ version: 'highest' }, { kind: 'highest', filter: { range: undefined, prerelease: false } }],
    [
      { version: 'highest', 'version-range': '^1.4', prerelease: 'true' },
      { kind: 'highest', filter: { range: '^1.4', prerelease: true } }
    ]
  ])('%j', (inputs, version) => {
    expect(read(inputs)).toEqual(version)
  })

  test.each<[Given, readonly string[] | undefined]>([
    [{ 'version-paths': './services/api/, shared\npackage.json' }, ['services/api', 'shared', 'package.json']],
    [{ 'version-paths': '.' }, []],
    [{ context: 'services/api', 'tag-prefix': 'api' }, undefined],
    [{ context: 'services/api', 'tag-prefix': 'api', 'version-paths': 'shared' }, ['shared']]
  ])('with %j the commits of %j count', (inputs, paths) => {
    expect(read({ version: 'auto', ...inputs })).toMatchObject({ paths })
  })

  test.each<[Given, string]>([
    [{ version: 'highest', image: 'main-2222222' }, 'leave out image and context'],
    [{ version: 'highest', context: '.' }, 'leave out image and context'],
    [{ 'version-range': '^1' }, 'input version-range means something only with version: highest'],
    [{ version: '1.4.2', prerelease: 'true' }, 'input prerelease means something only with version: auto or highest'],
    [{ version: 'highest', 'major-zero': 'strict' }, 'input major-zero means something only with version: auto'],
    [{ version: 'highest', 'version-paths': 'api' }, 'input version-paths means something only with version: auto'],
    [{ version: 'auto', 'initial-version': '1.0.0-rc.1' }, 'is a prerelease'],
    [{ version: 'auto', 'initial-version': '1' }, 'not a semantic version'],
    [{ version: 'highest', 'version-range': 'neueste' }, 'no range of versions'],
    [{ version: 'auto', 'version-paths': '../other' }, 'below the root'],
    [{ version: 'auto', 'version-paths': '/api' }, 'below the root'],
    [{ version: '1.4' }, 'not a semantic version']
  ])('%j is refused', (inputs, sentence) => {
    expect(problemsOf(() => read(inputs))).toEqual([expect.stringContaining(sentence)])
  })
})
