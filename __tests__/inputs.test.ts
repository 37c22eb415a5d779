import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readContext, readInputs, readRun } from '../src/inputs.ts'
import { INPUT_DEFAULTS, type InputName } from '../src/inputs/defaults.ts'
import { environmentOf, problemsOf } from './inputs/environment.ts'
import { anyCharacter } from './support/any-character.ts'

const NAMES = Object.keys(INPUT_DEFAULTS) as InputName[]
const REGION = { AWS_REGION: 'eu-west-1' }

describe('readInputs', () => {
  test('takes the defaults of action.yml for what is missing', () => {
    expect(readInputs(environmentOf({ service: 'web' }))).toEqual({
      mode: 'deploy',
      dryRun: false,
      image: {
        image: undefined,
        repository: undefined,
        build: undefined,
        version: { kind: 'from-git-tag' },
        tagPrefix: '',
        shaLength: 7,
        commit: {},
        tagImage: 'auto',
        tags: [],
        pin: 'auto',
        guard: { marker: undefined, immutability: 'warn', createsRepository: false, scan: undefined }
      },
      taskDefinition: {
        base: { kind: 'service' },
        containers: [],
        changes: { environment: [], secrets: [], dockerLabels: [], logOptions: [] },
        tags: [],
        versionVariable: undefined,
        mutableTags: { mode: 'error', allowed: [] }
      },
      service: {
        name: 'web',
        cluster: 'default',
        region: undefined,
        changes: { circuitBreaker: 'enable', forceNewDeployment: false },
        onConflict: 'wait'
      },
      watch: {
        isWanted: true,
        budgetMs: 1_800_000,
        pollMs: 3_000,
        requireProof: false,
        onFailure: 'rollback',
        onCancel: 'leave'
      },
      scaling: 'keep',
      attempts: 10,
      summary: true,
      logLines: 25
    })
  })

  test('reads the same when the runner hands over every default, or nothing but blanks', () => {
    const missing = readInputs(environmentOf({ service: 'web' }))
    expect(readInputs(environmentOf({ ...INPUT_DEFAULTS, service: 'web' }))).toEqual(missing)
    const blanks = Object.fromEntries(NAMES.map(name => [name, ' \n']))
    expect(readInputs(environmentOf({ ...blanks, service: 'web' }))).toEqual(missing)
  })

  test('reports everything that is wrong at once', () => {
    const inputs = { mode: 'undo', 'dry-run': 'yes', 'sha-length': '6', service: 'a/b/c', pin: 'digst' } as const
    expect(problemsOf(() => readInputs(environmentOf(inputs)))).toEqual([
      expect.stringMatching(/^input mode is 'undo'; allowed: deploy, /),
      "input dry-run is 'yes'; write true or false (True, TRUE, False and FALSE will do)",
      "input sha-length is '6'; write a whole number from 7 to 40",
      "input pin is 'digst' (did you mean 'digest'?); allowed: auto, tag, digest, tag@digest",
      "input service: 'a/b/c' is no service; write name, cluster/name, or arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME"
    ])
  })

  test('asks for something to do', () => {
    expect(problemsOf(() => readInputs({}))).toEqual([
      'there is nothing to deploy and nothing to register; give service, task-definition, or both'
    ])
    expect(problemsOf(() => readInputs(environmentOf({ 'task-definition': 'web.json' })))).toEqual([])
  })

  test('counts attempts where the input counts repetitions', () => {
    expect(readInputs(environmentOf({ service: 'web', 'max-retries': '0' })).attempts).toBe(1)
    expect(problemsOf(() => readInputs(environmentOf({ service: 'web', 'max-retries': '101' })))).toEqual([
      "input max-retries is '101'; write a whole number from 0 to 100"
    ])
  })

  test('ends every text in inputs or in sentences on one line each, and in nothing else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.string({ unit: anyCharacter, maxLength: 200 }), (name, value) => {
        for (const sentence of problemsOf(() => readInputs(environmentOf({ service: 'web', [name]: value })))) {
          expect(sentence).toMatch(/^[\P{Cc}]+$/u)
          expect(sentence).toMatch(/input|nothing to deploy/)
        }
      }),
      { numRuns: 2_000 }
    )
  })

  test.each(['environment-variables', 'secrets', 'build-args', 'build-secrets', 'docker-labels', 'command'] as const)(
    'never shows what %s holds',
    name => {
      fc.assert(
        fc.property(
          fc.stringMatching(/^[a-z]{3}"?'?Zq[0-9]{6,12}<?=?$/),
          fc.constantFrom('', '=', '=A', ' =', 'A\n'),
          (secret, before) => {
            const inputs = environmentOf({ service: 'web', context: '.', [name]: `${before}${secret}` })
            expect(problemsOf(() => readInputs(inputs)).join()).not.toMatch(/Zq[0-9]/)
          }
        )
      )
    }
  )
})

describe('readContext', () => {
  test('reads what the runner says', () => {
    const context = readContext({
      AWS_REGION: 'eu-central-1',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: '/tmp/event.json',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: 'a'.repeat(40),
      GITHUB_REPOSITORY: 'octo/app',
      GITHUB_SERVER_URL: 'https://ghe.example.com',
      GITHUB_RUN_ID: '7',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_WORKSPACE: '/work',
      RUNNER_TEMP: '/runner/temp'
    })
    expect(context).toEqual({
      region: 'eu-central-1',
      eventName: 'push',
      eventPath: '/tmp/event.json',
      ref: 'refs/heads/main',
      sha: 'a'.repeat(40),
      repository: 'octo/app',
      serverUrl: 'https://ghe.example.com',
      runId: '7',
      runAttempt: '2',
      workspace: '/work',
      tempDirectory: '/runner/temp'
    })
  })

  test('takes AWS_DEFAULT_REGION when AWS_REGION is not set', () => {
    expect(readContext({ AWS_DEFAULT_REGION: 'cn-north-1' }).region).toBe('cn-north-1')
    expect(readContext({ AWS_REGION: 'us-gov-west-1', AWS_DEFAULT_REGION: 'us-east-1' }).region).toBe('us-gov-west-1')
  })

  test.each([
    [
      {},
      'no AWS region is set; set the environment variable AWS_REGION, as aws-actions/configure-aws-credentials does'
    ],
    [
      { AWS_REGION: 'evil.example/#' },
      "the environment variable AWS_REGION is 'evil.example/#', which is no AWS region; write one as eu-west-1"
    ],
    [
      { AWS_DEFAULT_REGION: 'Ireland' },
      "the environment variable AWS_DEFAULT_REGION is 'Ireland', which is no AWS region; write one as eu-west-1"
    ]
  ])('asks for a region: %j', (environment, sentence) => {
    expect(problemsOf(() => readContext(environment))).toEqual([sentence])
  })
})

describe('readRun', () => {
  test('reports what is wrong with the inputs and with the environment together', () => {
    expect(problemsOf(() => readRun(environmentOf({ service: 'web', 'dry-run': 'maybe' })))).toEqual([
      "input dry-run is 'maybe'; write true or false (True, TRUE, False and FALSE will do)",
      'no AWS region is set; set the environment variable AWS_REGION, as aws-actions/configure-aws-credentials does'
    ])
  })

  test('refuses ARNs of another region than the run', () => {
    const inputs = {
      service: 'arn:aws:ecs:us-east-1:111122223333:service/prod/web',
      'task-definition-arn': 'arn:aws:ecs:us-east-2:111122223333:task-definition/web:4'
    }
    expect(problemsOf(() => readRun(environmentOf(inputs, REGION)))).toEqual([
      'the service is in us-east-1 by its ARN, but the AWS region is eu-west-1; set AWS_REGION to us-east-1',
      'the task definition is in us-east-2 by its ARN, but the AWS region is eu-west-1; set AWS_REGION to us-east-2'
    ])
  })

  test('gives both', () => {
    const run = readRun(environmentOf({ service: 'web' }, REGION))
    expect(run).toMatchObject({
      inputs: { mode: 'deploy', service: { name: 'web' } },
      context: { region: 'eu-west-1' }
    })
  })
})
