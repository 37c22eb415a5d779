import { describe, expect, test } from '@jest/globals'
import {
  needsPlatform,
  noWayBack,
  unpullable,
  wrongPlatforms,
  type ImageState
} from '../../../../src/decide/service/preflight/images.ts'
import { service } from '../snapshots.ts'

const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/proxy:1.0.0'
const SHOWN = `'${IMAGE}'`

function named(state: ImageState) {
  return [{ container: 'proxy', image: IMAGE, state }]
}

const DENIED: ImageState = { kind: 'unread', why: 'ecr:BatchGetImage failed: no', remedy: 'allow ecr:BatchGetImage' }

describe('an image of the revision', () => {
  test.each<[ImageState, string | undefined, string]>([
    [{ kind: 'there', platforms: undefined }, undefined, ''],
    [{ kind: 'missing' }, 'error', `the image ${SHOWN} of container proxy is not in ECR`],
    [{ kind: 'archived' }, 'error', `the image ${SHOWN} of container proxy is archived in ECR: no task can pull it`],
    [{ kind: 'no-repository' }, 'warning', `the image ${SHOWN} of container proxy has no repository in ECR`],
    [DENIED, 'hint', `the image ${SHOWN} of container proxy could not be checked: ecr:BatchGetImage failed: no`]
  ])('that is %j: %s', (state, severity, sentence) => {
    const findings = unpullable(named(state))
    expect(findings.map(found => [found.severity, found.sentence])).toEqual(
      severity === undefined ? [] : [[severity, sentence]]
    )
  })
})

describe('an image of the running revision', () => {
  test.each<[ImageState, string | undefined, string]>([
    [{ kind: 'there', platforms: undefined }, undefined, ''],
    [{ kind: 'missing' }, 'warning', 'is gone from ECR'],
    [{ kind: 'no-repository' }, 'warning', 'is gone from ECR'],
    [{ kind: 'archived' }, 'warning', 'is archived in ECR'],
    [DENIED, 'hint', 'could not be checked']
  ])('that is %j: %s', (state, severity, said) => {
    const findings = noWayBack(service([]), named(state))
    expect(findings.map(found => found.severity)).toEqual(severity === undefined ? [] : [severity])
    if (severity === undefined) return
    expect(findings[0]?.sentence).toContain(`the image ${SHOWN} that container proxy of web runs now ${said}`)
  })
})

describe('the platform of an image', () => {
  const amd = { os: 'linux', architecture: 'amd64' }
  const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' }
  const FARGATE = { requiresCompatibilities: ['FARGATE'] }
  const ON_ARM = { runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' } }
  const ON_WINDOWS = { runtimePlatform: { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' } }

  test.each([
    [FARGATE, [amd], true],
    [FARGATE, [arm], false],
    [FARGATE, [amd, arm], true],
    [FARGATE, undefined, true],
    [FARGATE, [], false],
    [{ ...FARGATE, ...ON_ARM }, [arm], true],
    [{ ...FARGATE, ...ON_ARM }, [amd], false],
    [{ requiresCompatibilities: ['EC2'], ...ON_ARM }, [amd], false],
    [{ requiresCompatibilities: ['EC2'] }, [arm], true],
    [{}, [arm], true],
    [{ requiresCompatibilities: ['EC2', 'FARGATE'] }, [arm], true],
    [ON_WINDOWS, [arm], true],
    [{ ...FARGATE, ...ON_WINDOWS }, [amd], false],
    [{ ...FARGATE, ...ON_WINDOWS }, [{ os: 'windows', architecture: 'amd64' }], true]
  ])('of %j with %j fits: %p', (document, platforms, expected) => {
    expect(wrongPlatforms(document, named({ kind: 'there', platforms }))).toHaveLength(expected ? 0 : 1)
  })

  test('that does not fit is said with the one that is asked for and those that there are', () => {
    const [found] = wrongPlatforms(FARGATE, named({ kind: 'there', platforms: [arm] }))
    expect(found).toMatchObject({ code: 'platform-mismatch', severity: 'error' })
    expect(found?.sentence).toBe(
      'the image of container proxy has no variant for linux/amd64, which the task definition asks for; it has linux/arm64/v8'
    )
  })

  test.each([
    [FARGATE, true],
    [ON_ARM, true],
    [{ requiresCompatibilities: ['EC2'] }, false]
  ])('matters to %j: %p', (document, expected) => {
    expect(needsPlatform(document)).toBe(expected)
  })
})
