import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSimulator, type RunningSimulator } from '../../simulator/server.ts'
import { deployTo, type Deployed } from './harness.ts'
import { digestOf } from './shop.ts'

let cloud: RunningSimulator

beforeAll(async () => {
  const images = ['1.2.0', '1.3.0'].map(tag => ({ tags: [tag] }))
  const services = [{ name: 'web', desiredCount: 1, image: 'web:1.2.0' }]
  const clusters = [{ name: 'prod', services }]
  const world = { account: '123456789012', region: 'eu-west-1', repositories: [{ name: 'web', images }], clusters }
  cloud = await startSimulator({ world })
})

afterAll(() => cloud.close())

const compose = (image: string): string => `services:\n  web:\n    image: 127.0.0.1:${String(cloud.port)}/${image}\n`
const exactly = (tag: string): string => `web:${tag}@${digestOf(cloud.simulator.state(), 'web', tag)}`

async function pin(text: string, inputs: Readonly<Record<string, string>>): Promise<Deployed & { after: string }> {
  let after = ''
  const run = await deployTo(
    cloud,
    { mode: 'pin', 'poll-seconds': '', files: 'compose.yaml', ...inputs },
    {
      files: { 'compose.yaml': text },
      env: { DOCKER_CONFIG: '/nonexistent' },
      after: workspace => (after = readFileSync(join(workspace, 'compose.yaml'), 'utf8'))
    }
  )
  return { ...run, after }
}

describe('a registry that has the name of the endpoint of AWS', () => {
  test('is ECR: its images are named exactly with the credentials of AWS', async () => {
    expect(await pin(compose('web:1.2.0'), {})).toMatchObject({
      outputs: { outcome: 'succeeded' },
      after: compose(exactly('1.2.0'))
    })
  })

  test('has highest versions', async () => {
    const run = await pin(compose('web:1.2.0'), { version: 'highest' })
    expect(run).toMatchObject({ outputs: { outcome: 'succeeded' }, after: compose(exactly('1.3.0')) })
    expect(run.text).not.toContain('no file names an image')
  })

  test('has repositories that can be missing', async () => {
    const run = await pin(compose('wbe:1.2.0'), {})
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'repository-not-found' })
    expect(run.text).toContain("did you mean 'web'?")
  })

  test.each([
    ['1.2.0', 'unchanged'],
    ['1.3.0', 'rejected']
  ])('is compared with what a service runs: %s', async (tag, outcome) => {
    const run = await pin(compose(exactly(tag)), { check: 'true', cluster: 'prod', service: 'web' })
    expect(run.outputs['outcome']).toBe(outcome)
    expect(run.text).toContain('1 of 1 image compared with what web runs')
  })
})
