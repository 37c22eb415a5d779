import { describe, expect, test } from '@jest/globals'
import { requiredPlatform } from '../../../src/decide/task/platform.ts'
import { findMutableImages } from '../../../src/decide/task/policy.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

function find(image: string, immutable: boolean | undefined, allowed: readonly string[] = []) {
  const document = { containerDefinitions: [{ name: 'web', image }] }
  return findMutableImages(document, () => immutable, allowed).map(({ reason }) => reason)
}

describe('findMutableImages', () => {
  test.each<[string, boolean | undefined, readonly string[]]>([
    ['r/web:latest', true, ['latest']],
    ['r/web', true, ['no-tag']],
    ['127.0.0.1:5000/web', undefined, ['no-tag']],
    ['r/web:1.0', false, ['tag-can-move']],
    ['r/web:1.0', undefined, []],
    ['r/web:1.0', true, []],
    [`r/web@${DIGEST}`, false, []],
    [`r/web:latest@${DIGEST}`, false, []],
    [`r/web@sha512:${'a'.repeat(128)}`, false, []],
    ['r/web@latest', true, ['no-digest']],
    ['r/web:1.0@', true, ['no-digest']],
    ['r/web:latest@sha256:abc', true, ['no-digest']],
    [`r/web@${DIGEST}a`, true, ['no-digest']],
    [`r/web@${DIGEST.toUpperCase()}`, true, ['no-digest']],
    [`r/web@sha512:${'a'.repeat(64)}`, true, ['no-digest']],
    ['bob:pw@ghcr.io/r/web:1.0', true, ['login']],
    [`bob:p@ss@ghcr.io/r/web:1.0@${DIGEST}`, true, ['login']],
    ['', false, []]
  ])('%j, immutable: %s', (image, immutable, reasons) => {
    expect(find(image, immutable)).toEqual(reasons)
  })

  test.each<[string, boolean]>([
    ['public.ecr.aws/datadog/agent:latest', true],
    ['public.ecr.aws/datadog/agent', true],
    ['public.ecr.aws/datadog/*', true],
    ['*:latest', true],
    ['agent', false],
    ['public.ecr.aws/datadog', false],
    ['public-ecr-aws/datadog/agent', false],
    ['public.ecr.aws/datadog/agent:7', false]
  ])('exception %s', (exception, isAllowed) => {
    expect(find('public.ecr.aws/datadog/agent:latest', undefined, [exception])).toEqual(isAllowed ? [] : ['latest'])
  })

  test('every container is looked at', () => {
    const document = {
      containerDefinitions: [
        { name: 'web', image: 'a:1' },
        { name: 'side', image: 'b:latest' }
      ]
    }
    expect(findMutableImages(document, () => undefined, [])).toEqual([
      { container: 'side', image: 'b:latest', reason: 'latest' }
    ])
  })
})

test.each([
  [{}, 'linux', 'amd64'],
  [{ runtimePlatform: {} }, 'linux', 'amd64'],
  [{ runtimePlatform: { cpuArchitecture: 'ARM64' } }, 'linux', 'arm64'],
  [
    { runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } },
    'windows',
    'amd64'
  ],
  [{ runtimePlatform: { cpuArchitecture: 'RISCV64', operatingSystemFamily: 'LINUX' } }, 'linux', 'riscv64']
])('platform of %j', (document, os, architecture) => {
  expect(requiredPlatform(document)).toEqual({ os, architecture })
})
