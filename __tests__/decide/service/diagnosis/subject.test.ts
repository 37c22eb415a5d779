import { describe, expect, test } from '@jest/globals'
import { readContainerFacts } from '../../../../src/decide/service/diagnosis/container-facts.ts'
import { diagnose } from '../../../../src/decide/service/diagnosis/diagnosis.ts'
import { symptomsOf } from '../../../../src/decide/service/diagnosis/symptoms.ts'
import type { JsonObject } from '../../../../src/decide/json.ts'
import { TARGET_GROUP } from './catalogue-events.ts'
import { container, event, stopped } from './tasks.ts'

const FROM_ASM =
  'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: '
const NO_KEY = `${FROM_ASM}retrieved secret from Secrets Manager did not contain json key PASSWORD`
const NO_JSON = `${FROM_ASM}invalid character 'p' in literal true (expecting 'r')`
const NO_GROUP =
  'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.'

function arn(secret: string): string {
  return `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${secret}`
}

function logTo(group: string) {
  return { logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': group } } }
}

/** The words for a reason, given what else the task definition says. */
function words(stoppedReason: string, ...containers: readonly JsonObject[]): string | undefined {
  const named = containers.map((definition, index) => ({ name: `c${String(index)}`, ...definition }))
  const facts = readContainerFacts({ containerDefinitions: named })
  return diagnose(symptomsOf(facts, [stopped('t1', { stoppedReason })], []))?.sentence.replace('1 of 1 task: ', '')
}

function reading(...from: readonly string[]) {
  return { secrets: from.map((valueFrom, index) => ({ name: `S${String(index)}`, valueFrom })) }
}

describe('what a reason does not name is taken from the task definition', () => {
  test('the secret that has a key', () => {
    const secrets = reading(`${arn('prod/db-AbCdEf')}:PASSWORD::`, `${arn('prod/api-GhIjKl')}:TOKEN::`, '/prod/key')
    expect(words(NO_KEY, secrets)).toBe('the secret prod/db-AbCdEf has no JSON key PASSWORD')
  })

  test('the only secret', () => {
    expect(words(NO_JSON, reading(arn('prod/db-AbCdEf')))).toBe(
      'the secret prod/db-AbCdEf is not the JSON that valueFrom expects'
    )
    expect(words(NO_JSON, reading('/prod/key'))).toBe('the parameter /prod/key is not the JSON that valueFrom expects')
  })

  test('none of several secrets', () => {
    const secrets = reading(arn('prod/db-AbCdEf'), arn('prod/api-GhIjKl'))
    expect(words(NO_JSON, secrets)).toBe('a secret is not the JSON that valueFrom expects')
  })

  test('the log group, and each of several', () => {
    expect(words(NO_GROUP, logTo('/ecs/web'), logTo('/ecs/web'))).toBe('the log group /ecs/web does not exist')
    expect(words(NO_GROUP, logTo('/ecs/web'), logTo('/ecs/proxy'))).toBe(
      'one of the log groups /ecs/web, /ecs/proxy does not exist'
    )
    expect(words(NO_GROUP, {})).toBe('the log group does not exist')
  })
})

describe('in a task of several containers', () => {
  test('the image is named by its container', () => {
    const reason =
      "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/arm64'"
    const task = stopped('t1', {
      stoppedReason: reason,
      containers: [container(), container({ name: 'proxy', reason })]
    })
    expect(diagnose({ stopped: [task], events: [], essential: [] })?.sentence).toBe(
      '1 of 1 task: the image of container proxy has no linux/arm64 variant'
    )
  })
})

describe('what to do about a failed health check', () => {
  test.each([
    ['Health checks failed with these codes: [502, 503]', /^find out why the application answers with 502, 503, or /],
    ['Request timed out', /^let the load balancer reach the port of the container /],
    ['Health checks failed', /^check path, port and expected codes /]
  ])('depends on its reason: %s', (reason, remedy) => {
    const message = `(service web) (port 80) is unhealthy in (target-group ${TARGET_GROUP}) due to (reason ${reason}).`
    const found = diagnose({ stopped: [], events: [event(message)], essential: ['web'] })
    expect(found?.remedy).toMatch(remedy)
    expect(found?.remedy).toMatch(/; raise healthCheckGracePeriodSeconds if the application starts slowly$/)
  })
})
