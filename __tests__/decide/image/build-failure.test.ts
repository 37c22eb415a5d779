import { describe, expect, test } from '@jest/globals'
import { explainBuildFailure } from '../../../src/decide/image/build-failure.ts'

/** What docker 20.10 to 28 and buildx 0.13 printed. */
describe('explainBuildFailure', () => {
  test.each([
    [
      'docker-unavailable',
      /engine does not answer/,
      'ERROR: Cannot connect to the Docker daemon at unix:///nope.sock. Is the docker daemon running?'
    ],
    ['docker-unavailable', /has no buildx/, 'docker: unknown command: docker buildx\n\nRun docker --help for more'],
    ['docker-unavailable', /has no buildx/, "docker: 'buildx' is not a docker command.\nSee 'docker --help'"],
    [
      'docker-unavailable',
      /several platforms/,
      'ERROR: Multi-platform build is not supported for the docker driver.\n' +
        'Switch to a different driver, or turn on the containerd image store, and try again.\n' +
        'Learn more at https://docs.docker.com/go/build-multi-platform/'
    ],
    ['docker-unavailable', /attestations/, 'ERROR: Attestation is not supported for the docker driver.'],
    ['docker-unavailable', /export a cache/, 'ERROR: Cache export is not supported for the docker driver.'],
    [
      'file-not-found',
      /Dockerfile cannot be read/,
      'ERROR: failed to solve: rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0: ' +
        'failed to read dockerfile: open /root/tmp/buildkit-mount1/Dockerfile: no such file or directory'
    ],
    [
      'credentials',
      /has expired/,
      '#6 ERROR: denied: Your authorization token has expired. Reauthenticate and try again.\n------\n' +
        'ERROR: denied: Your authorization token has expired. Reauthenticate and try again.'
    ],
    [
      'credentials',
      /refused the token: login attempt/,
      'Error response from daemon: login attempt to http://127.0.0.1:5201/v2/ failed with status: 401 Unauthorized'
    ],
    [
      'access-denied',
      /may not push/,
      'ERROR: denied: User: arn:aws:iam::1:user/x is not authorized to perform: ecr:InitiateLayerUpload on resource: arn'
    ],
    [
      'repository-not-found',
      /no such repository/,
      "ERROR: name unknown: The repository with name 'web' does not exist in the registry with id '123456789012'"
    ],
    [
      'access-denied',
      /refused the push/,
      'ERROR: failed to solve: failed to push 1.dkr.ecr.eu-west-1.amazonaws.com/web: unexpected status: 403 Forbidden'
    ],
    [
      'build-failed',
      /disk .* is full/,
      '#7 12.34 npm error ENOSPC: no space left on device, write\n' +
        'ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 228'
    ]
  ])('%s, %s', (code, sentence, text) => {
    const failure = explainBuildFailure(text.split('\n'))
    expect(failure.code).toBe(code)
    expect(failure.message).toMatch(sentence)
    expect(failure.remedy).toBeDefined()
  })

  test('any other failure is its last meaningful line and its place', () => {
    const lines = [
      '#6 [3/3] RUN npm test',
      '#6 0.037 Error: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.',
      '#6 ERROR: process "/bin/sh -c npm test" did not complete successfully: exit code: 1',
      '------',
      ' > [3/3] RUN npm test:',
      '0.037 Error: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.',
      '------',
      'Dockerfile:3',
      '--------------------',
      '   3 | >>> RUN npm test',
      '--------------------',
      'ERROR: failed to solve: process "/bin/sh -c npm test" did not complete successfully: exit code: 1',
      'View build details: docker-desktop://dashboard/build/default/default/x'
    ]
    expect(explainBuildFailure(lines)).toMatchObject({
      code: 'build-failed',
      message:
        'the image could not be built: process "/bin/sh -c npm test" did not complete successfully: exit code: 1 ' +
        '(Dockerfile:3)'
    })
  })

  test('what BuildKit wraps around a message falls off', () => {
    const line =
      'ERROR: failed to solve: rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0: ' +
      'failed to create LLB definition: dockerfile parse error line 2: unknown instruction: COPI'
    expect(explainBuildFailure([line]).message).toBe(
      'the image could not be built: dockerfile parse error line 2: unknown instruction: COPI'
    )
  })

  test('a silent end is said to be one', () => {
    expect(explainBuildFailure([]).message).toBe('the image could not be built: it said nothing')
  })
})
