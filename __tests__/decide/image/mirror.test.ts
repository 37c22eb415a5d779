import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { exactness } from '../../../src/decide/image/exact.ts'
import { describeTarget, parseMirrorLines } from '../../../src/decide/image/mirror.ts'
import { Failure } from '../../../src/failure.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

function problemsOf(text: string): readonly string[] {
  try {
    parseMirrorLines(text)
    return []
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.message.split('\n')
  }
}

describe('a line', () => {
  test.each([
    ['docker.io/library/nginx:1.27.3 -> mirror/nginx:1.27.3', 'docker.io/library/nginx', 'mirror/nginx:1.27.3'],
    ['nginx:1.27.3', 'docker.io/library/nginx', 'library/nginx:1.27.3'],
    ['nginx:1.27.3 -> nginx', 'docker.io/library/nginx', 'nginx:1.27.3'],
    ['index.docker.io/bitnami/redis:7.4.1->redis:7', 'docker.io/bitnami/redis', 'redis:7'],
    [
      'ghcr.io/a/b:v1.2.3 -> 123456789012.dkr.ecr.eu-west-1.amazonaws.com/b',
      'ghcr.io/a/b',
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com/b:v1.2.3'
    ],
    [`quay.io/a/b@${DIGEST}`, 'quay.io/a/b', `a/b@${DIGEST}`],
    [`quay.io/a/b:latest@${DIGEST} -> b:5`, 'quay.io/a/b', 'b:5'],
    ['127.0.0.1:5000/app:1.0.0 -> 127.0.0.1:4000/app', '127.0.0.1:5000/app', '127.0.0.1:4000/app:1.0.0']
  ])('%s goes from %s to %s', (text, from, to) => {
    const [line] = parseMirrorLines(text)
    if (line === undefined) throw new Error('there is no line')
    expect([`${line.source.registry}/${line.source.repository}`, describeTarget(line)]).toEqual([from, to])
  })

  test('may be a comment, blank, or end in one', () => {
    expect(parseMirrorLines('\n# all of it\r\n  \nnginx:1.27.3 # the proxy\n')).toHaveLength(1)
  })

  test.each([
    ['nginx -> a', 'is not exact: without a tag it would mean latest'],
    ['nginx:latest -> a', 'is not exact: latest is whatever was pushed last'],
    ['nginx:stable-alpine', 'the tag stable-alpine names no version'],
    ['postgres:16', 'the tag 16 names only a major version'],
    ['-> a', "is not 'source -> target'"],
    ['nginx:1.27.3 ->', "is not 'source -> target'"],
    ['nginx:1.27.3 -> a -> b', "is not 'source -> target'"],
    [`nginx:1.27.3 -> a@${DIGEST}`, 'has a digest'],
    ['nginx:1.27.3 -> Upper', 'lower case'],
    ['https://ghcr.io/a:1.2.3', 'it is a URL']
  ])('%s is refused', (text, why) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(why)])
  })

  test('that is wrong is reported together with the others', () => {
    expect(problemsOf('nginx\nredis:7.4.1\nredis:latest')).toHaveLength(2)
  })

  test('may not have the target of another', () => {
    expect(problemsOf('nginx:1.27.3 -> a:1\nnginx:1.27.4 -> a:1')).toEqual([
      expect.stringContaining('have the same target')
    ])
  })

  test('is read or refused, and never anything else', () => {
    const piece = fc.constantFrom('nginx', ':1.2.3', '->', ' ', '#', '\n', '/', '@', DIGEST, 'a', 'ghcr.io/', '..', 'É')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
        problemsOf(pieces.join(''))
      })
    )
  })
})

test.each([
  ['1.27.3', 'exact'],
  ['v1.2.3', 'exact'],
  ['24.04', 'exact'],
  ['1.27-alpine', 'exact'],
  ['bookworm-20240812', 'exact'],
  ['main-3035eca', 'exact'],
  ['20240812', 'exact'],
  ['r1234', 'exact'],
  ['latest', 'inexact'],
  ['LATEST', 'inexact'],
  ['stable', 'inexact'],
  ['16', 'inexact'],
  ['v3', 'inexact'],
  ['20-slim', 'inexact']
])('the tag %s is %s', (tag, kind) => {
  expect(exactness(tag).kind).toBe(kind)
})
