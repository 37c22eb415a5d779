import { describe, expect, test } from '@jest/globals'
import type { InputName } from '../../src/inputs/defaults.ts'
import type { ImageInputs } from '../../src/inputs/image.ts'
import { environmentOf, problemsOf, readDeployInputs } from './environment.ts'

type Given = Partial<Record<InputName, string>>

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`
const URI = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web'
const SHA = '0123456789ABCDEF0123456789abcdef01234567'

function read(inputs: Given): ImageInputs {
  return readDeployInputs(environmentOf({ service: 'web', ...inputs })).image
}

function problems(inputs: Given): readonly string[] {
  return problemsOf(() => read(inputs))
}

describe('a context that is fetched', () => {
  const GIT = 'https://github.com/octo-org/shop.git'
  const COMMIT = SHA.toLowerCase()

  test.each<Given>([
    { context: `${GIT}#${COMMIT}:web` },
    { context: `${GIT}#${COMMIT}`, sha: SHA },
    { context: `${GIT}#release`, sha: SHA },
    { context: 'https://example.com/shop.tar.gz', sha: SHA }
  ])('%j says which commit is built', inputs => {
    expect(read(inputs).build?.context).toBe(inputs.context)
  })

  test.each([GIT, `${GIT}#release`, `${GIT}#${COMMIT.slice(0, 7)}`, 'https://example.com/shop.tar.gz'])(
    '%s does not',
    context => {
      expect(problems({ context })).toEqual([
        `input context is '${context}', which does not say which commit is built; ` +
          'name it there (https://HOST/REPOSITORY.git#COMMIT, all 40 digits) or in the input sha'
      ])
    }
  )

  test('says no other commit than sha, and its password is not shown', () => {
    const context = `https://me:secret@github.com/o/shop.git#${'b'.repeat(40)}`
    expect(problems({ context, sha: SHA })).toEqual([
      `input sha is ${COMMIT}, and input context '${context.replace('me:secret', '***')}' is of another commit; leave sha out`
    ])
  })
})

describe('inputs about the image', () => {
  test.each(['main-0123abc', DIGEST, `${URI}:1.4.2`, `${URI}@${DIGEST}`, `${URI}:1.4.2@${DIGEST}`, 'nginx:1.27.3'])(
    'take the image %s',
    image => {
      expect(read({ image }).image).toBe(image)
    }
  )

  test('read versions, commits, tags and the way of naming the image', () => {
    const inputs = read({
      image: '1.4.2',
      repository: 'team/web',
      version: 'v1.4.2',
      'tag-prefix': 'api',
      'sha-length': '12',
      sha: SHA,
      ref: 'refs/heads/main',
      'tag-image': 'always',
      tags: 'stable-1, blue\nblue',
      pin: 'tag@digest'
    })
    expect(inputs).toEqual({
      image: '1.4.2',
      repository: 'team/web',
      build: undefined,
      version: { kind: 'exact', version: '1.4.2' },
      tagPrefix: 'api',
      shaLength: 12,
      commit: { sha: SHA.toLowerCase(), ref: 'refs/heads/main' },
      tagImage: 'always',
      tags: ['stable-1', 'blue'],
      pin: 'tag@digest',
      guard: { marker: undefined, immutability: 'warn', createsRepository: false, scan: undefined }
    })
  })

  test('read a build', () => {
    const { build } = read({
      context: '.',
      platforms: 'linux/amd64, linux/arm64',
      'build-args': 'A=1\nB',
      pull: 'true'
    })
    expect(build).toMatchObject({
      context: '.',
      platforms: ['linux/amd64', 'linux/arm64'],
      buildArgs: ['A=1', 'B'],
      pull: true,
      noCache: false
    })
  })

  test.each<[Given, string]>([
    [
      { image: URI },
      `input image: '${URI}' has neither tag nor digest, which would mean latest; ` +
        'write REPOSITORY:TAG or REPOSITORY@sha256:…'
    ],
    [
      { repository: `${URI}:1.0.0` },
      `input repository: '${URI}:1.0.0' is not an image reference: a repository has no tag and no digest; ` +
        'name the image itself in the input `image`'
    ],
    [{ version: '1.2.3+b5' }, "input version: the version '1.2.3+b5' has build metadata"],
    [{ sha: '0123abc' }, "the input 'sha' is '0123abc', which is no full commit id"],
    [{ 'sha-length': '41' }, "input sha-length is '41'; write a whole number from 7 to 40"],
    [{ 'tag-image': 'sometimes' }, "input tag-image is 'sometimes'; allowed: auto, always, never"],
    [{ tags: 'ok,latest' }, "'latest' in the input 'tags'"],
    [{ context: '{{defaultContext}}' }, "input context: the context '{{defaultContext}}' is a template"],
    [{ context: '.', 'build-secrets': 'hush' }, "entry 1 of the input 'build-secrets' is not KEY=VALUE"]
  ])('refuse %j', (inputs, sentence) => {
    const found = problems(inputs)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(sentence)
  })

  test('name every wrong tag', () => {
    expect(problems({ tags: '-a,b,+c' })).toHaveLength(2)
  })

  test.each<[Given, string]>([
    [
      { image: '1.0.0', context: '.' },
      "inputs image ('1.0.0') and context exclude each other; an image is given or built"
    ],
    [
      { platforms: 'linux/arm64', 'no-cache': 'TRUE' },
      'without the input context nothing is built; leave out platforms, no-cache, or give context'
    ],
    [
      { context: '.', 'tag-image': 'never' },
      "input tag-image is 'never', but an image built from context always gets its commit's tag"
    ],
    [
      { image: `${URI}:1.0.0`, repository: 'team/api' },
      `input image is '${URI}:1.0.0', which is not in the repository 'team/api'; leave repository out`
    ]
  ])('refuse the combination %j', (inputs, sentence) => {
    expect(problems(inputs)).toEqual([sentence])
  })

  test.each<Given>([
    { image: `${URI}:1.0.0`, repository: 'team/web' },
    { image: 'team/web:1.0.0', repository: URI },
    { image: `${URI}:1.0.0`, repository: '123456789012.dkr-ecr.eu-west-1.on.aws/team/web' },
    { pull: 'False', 'no-cache': 'false' }
  ])('take the combination %j', inputs => {
    expect(problems(inputs)).toEqual([])
  })
})
