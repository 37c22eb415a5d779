import { describe, expect, test } from '@jest/globals'
import {
  type BuildInputs,
  buildxArguments,
  commitOfRemoteContext,
  inheritedVariables,
  isRemoteContext,
  parseBuild,
  readMetadata,
  secretVariables,
  secretsOf
} from '../../../src/decide/image/build.ts'
import { originLabels } from '../../../src/decide/image/labels.ts'
import { parseList } from '../../../src/decide/image/list.ts'

const NOTHING: BuildInputs = {
  context: '.',
  file: '',
  target: '',
  platforms: '',
  buildArgs: '',
  buildContexts: '',
  buildSecrets: '',
  labels: '',
  cacheFrom: '',
  cacheTo: '',
  provenance: '',
  sbom: '',
  network: '',
  pull: false,
  noCache: false
}
const TARGET = { repositoryUri: '127.0.0.1:5151/web', tag: undefined, labels: [], metadataFile: '/tmp/m.json' }

function argumentsOf(inputs: Partial<BuildInputs>, target: object = {}): readonly string[] {
  return buildxArguments(parseBuild({ ...NOTHING, ...inputs }), { ...TARGET, ...target })
}

/** The values given to one option. */
function valuesOf(option: string, args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => (args[index - 1] === option ? [arg] : []))
}

describe('parseList, as docker/build-push-action reads its lists', () => {
  test.each([
    ['', [], []],
    ['a\nb', ['a', 'b'], ['a', 'b']],
    ['a\r\nb\r\n', ['a', 'b'], ['a', 'b']],
    ['\n\na\n\n', ['a'], ['a']],
    ['a,b', ['a', 'b'], ['a,b']],
    ['type=registry,ref=x:y,mode=max', ['type=registry', 'ref=x:y', 'mode=max'], ['type=registry,ref=x:y,mode=max']],
    ['"A=one\ntwo"\nB=3', ['A=one\ntwo', 'B=3'], ['A=one\ntwo', 'B=3']],
    ['"A=say ""hi"""', ['A=say "hi"'], ['A=say "hi"']],
    ['A={"k":"v"}', ['A={"k":"v"}'], ['A={"k":"v"}']],
    ['A=x,"B=y,z"', ['A=x', 'B=y,z'], ['A=x,B=y,z']],
    ['"a"b', ['"a"b'], ['"a"b']],
    ['"open', ['"open'], ['"open']]
  ])('%j', (text, separate, keep) => {
    expect(parseList(text, 'separate')).toEqual(separate)
    expect(parseList(text, 'keep')).toEqual(keep)
  })
})

describe('buildxArguments', () => {
  test('the least: pushed by digest, without provenance, the context behind --', () => {
    expect(argumentsOf({})).toEqual([
      ...['buildx', 'build', '--progress', 'plain', '--attest', 'type=provenance,disabled=true'],
      ...['--metadata-file', '/tmp/m.json'],
      ...['--output', 'type=image,name=127.0.0.1:5151/web,push-by-digest=true,name-canonical=true,push=true'],
      ...['--', '.']
    ])
  })

  test('every input becomes its option', () => {
    const args = argumentsOf({
      context: '-app',
      file: 'docker/Dockerfile',
      target: 'runtime',
      platforms: 'linux/amd64,linux/arm64',
      buildArgs: 'A=1\nB=x,y\nFROM_JOB',
      buildContexts: 'base=docker-image://alpine:3.20',
      labels: 'team=web',
      cacheFrom: 'type=gha',
      cacheTo: 'type=gha,mode=max',
      network: 'host',
      pull: true,
      noCache: true
    })
    expect(valuesOf('--file', args)).toEqual(['docker/Dockerfile'])
    expect(valuesOf('--target', args)).toEqual(['runtime'])
    expect(valuesOf('--platform', args)).toEqual(['linux/amd64,linux/arm64'])
    expect(valuesOf('--build-arg', args)).toEqual(['A=1', 'B=x,y', 'FROM_JOB'])
    expect(valuesOf('--build-context', args)).toEqual(['base=docker-image://alpine:3.20'])
    expect(valuesOf('--cache-from', args)).toEqual(['type=gha'])
    expect(valuesOf('--cache-to', args)).toEqual(['type=gha,mode=max'])
    expect(valuesOf('--network', args)).toEqual(['host'])
    expect(args).toEqual(expect.arrayContaining(['--pull', '--no-cache']))
    expect(args.slice(-2)).toEqual(['--', '-app'])
  })

  test('labels of the user come last, because the last one wins, but the revision is that of what is built', () => {
    const labels = originLabels({ revision: 'abc', version: '1.2.3', refName: 'main' })
    const given = 'org.opencontainers.image.version=9\norg.opencontainers.image.revision=def'
    expect(valuesOf('--label', argumentsOf({ labels: given }, { labels }))).toEqual([
      'org.opencontainers.image.revision=abc',
      'org.opencontainers.image.version=1.2.3',
      'org.opencontainers.image.ref.name=main',
      'org.opencontainers.image.version=9'
    ])
  })

  test('an engine that cannot push by digest gets a tag', () => {
    expect(valuesOf('--output', argumentsOf({}, { tag: 'push-1' }))).toEqual([
      'type=image,name=127.0.0.1:5151/web:push-1,push=true'
    ])
  })

  test.each([
    ['', '', ['type=provenance,disabled=true']],
    ['false', 'false', ['type=provenance,disabled=true', 'type=sbom,disabled=true']],
    ['true', 'true', ['type=provenance,disabled=false,builder-id=https://run', 'type=sbom,disabled=false']],
    ['mode=max', '', ['type=provenance,mode=max,builder-id=https://run']],
    ['mode=max,builder-id=me', 'generator=x', ['type=provenance,mode=max,builder-id=me', 'type=sbom,generator=x']]
  ])('provenance %p, sbom %p', (provenance, sbom, expected) => {
    expect(valuesOf('--attest', argumentsOf({ provenance, sbom }, { builderId: 'https://run' }))).toEqual(expected)
  })

  test("several platforms keep buildx's own provenance", () => {
    expect(valuesOf('--attest', argumentsOf({ platforms: 'linux/amd64\nlinux/arm64' }))).toEqual([])
  })

  test('the context template of docker/build-push-action is refused', () => {
    expect(() => parseBuild({ ...NOTHING, context: '{{defaultContext}}:app' })).toThrow(/template/)
  })
})

describe('build secrets', () => {
  const buildSecrets = 'NPM_TOKEN=s3cr3t=\n"MULTI=line 1\nline ""2"""\nid=cert,src=ca,.pem\nid=gh,env=GH_TOKEN'
  const build = parseBuild({ ...NOTHING, buildSecrets, buildArgs: 'FROM_JOB\nA=1' })

  test('no value is on the command line', () => {
    expect(valuesOf('--secret', buildxArguments(build, TARGET))).toEqual([
      'id=NPM_TOKEN,env=BUILD_SECRET_0',
      'id=MULTI,env=BUILD_SECRET_1',
      'id=cert,"src=ca,.pem"',
      'id=gh,env=GH_TOKEN'
    ])
  })

  test('values travel by environment, and named variables are let through', () => {
    expect([...secretVariables(build)]).toEqual([
      ['BUILD_SECRET_0', 's3cr3t='],
      ['BUILD_SECRET_1', 'line 1\nline "2"']
    ])
    expect(inheritedVariables(build)).toEqual(['FROM_JOB', 'GH_TOKEN'])
  })

  test('a password in the URL of a context is a secret, too', () => {
    const contexts = {
      buildContexts:
        'a=https://tok@github.com/a/b.git\nb=docker-image://alpine@sha256:12\nc=ssh://git@host/a.git\nd=https://host/a.tgz?sig=s1&v=2'
    }
    const remote = parseBuild({ ...NOTHING, context: 'https://joe:p@w@github.com/a/b.git#main', ...contexts })
    expect(secretsOf(remote)).toEqual(['p@w', 'tok', 's1'])
  })

  test.each(['s3cr3t', '=s3cr3t', 'KEY='])('%p is refused without being shown', line => {
    expect(() => parseBuild({ ...NOTHING, buildSecrets: `A=1\n${line}` })).toThrow(
      expect.objectContaining({ message: "entry 2 of the input 'build-secrets' is not KEY=VALUE" })
    )
  })
})

describe('readMetadata', () => {
  const digest = `sha256:${'a'.repeat(64)}`

  test('with and without the containerd image store', () => {
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const full = { 'containerimage.digest': digest, 'containerimage.descriptor': { mediaType, digest } }
    expect(readMetadata(JSON.stringify(full))).toEqual({ digest, mediaType })
    expect(readMetadata(JSON.stringify({ 'containerimage.digest': digest }))).toEqual({ digest, mediaType: undefined })
  })

  test.each(['', 'null', '{}', '{"containerimage.digest":"sha256:1"}'])('%p is refused', json => {
    expect(() => readMetadata(json)).toThrow(expect.objectContaining({ code: 'build-failed' }))
  })
})

test.each([
  ['.', false],
  ['services/web', false],
  ['https://github.com/org/app.git#main:web', true],
  ['git@github.com:org/app.git', true],
  ['github.com/org/app', true]
])('isRemoteContext(%p) is %p', (context, expected) => {
  expect(isRemoteContext(context)).toBe(expected)
})

const COMMIT = 'a'.repeat(40)

test.each([
  [`https://github.com/org/app.git#${COMMIT}`, COMMIT],
  [`https://github.com/org/app.git#${COMMIT}:services/web`, COMMIT],
  [`git@github.com:org/app.git#${'b'.repeat(64)}`, 'b'.repeat(64)],
  [`github.com/org/app#${COMMIT}`, COMMIT],
  ['https://github.com/org/app.git', undefined],
  ['https://github.com/org/app.git#main:web', undefined],
  [`https://github.com/org/app.git#${COMMIT.slice(1)}`, undefined],
  [`https://github.com/org/app.git#refs/heads/${COMMIT}`, undefined],
  [`https://example.com/app.tar.gz#${COMMIT}`, undefined]
])('the commit of %s is %p', (context, commit) => {
  expect(commitOfRemoteContext(context)).toBe(commit)
})
