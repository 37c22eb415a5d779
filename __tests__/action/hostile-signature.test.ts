import { expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { deploy } from './harness.ts'
import { shop, WEB } from './shop.ts'

const KEY = 'Pl4nted-as-a-key'
const TOKEN = `Pl4nted-as-a-session-token-${'0123456789abcdef'.repeat(50)}`

test.concurrent.each([
  ['InvalidSignatureException', 'credentials', 'The Canonical String should have been\nx-amz-security-token:'],
  ['InvalidParameterException', 'aws-error', 'the headers were ']
])('what a request was signed with is nowhere after an %s that quotes it', async (error, code, words) => {
  const message = `It is refused. ${words}${TOKEN} ${KEY}`
  const faults: readonly FaultRule[] = [{ operation: 'ecs:DescribeServices', error, message, times: 'always' }]
  const env = { RUNNER_DEBUG: '1', AWS_SECRET_ACCESS_KEY: KEY, AWS_SESSION_TOKEN: TOKEN }
  const run = await deploy(shop(), WEB, { faults, env })
  expect(run.outputs).toMatchObject({ 'reason-code': code, reason: expect.stringContaining('It is refused.') })
  const { rawStdout, rawStderr, summary, outputs, state } = run
  expect(JSON.stringify([rawStdout, rawStderr, summary, outputs, state])).not.toContain('Pl4nted')
})
