import { describe, expect, test } from '@jest/globals'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatSuspensionRecord, SUSPENSION_STATE } from '../src/decide/scaling/suspension.ts'
import { Failure } from '../src/failure.ts'
import type { ScalingPort } from '../src/io/aws/scaling.ts'
import { wallClock } from '../src/io/clock.ts'
import { DOCKER_SESSION_STATE } from '../src/io/docker/session.ts'
import { cleanUp, putBack } from '../src/post.ts'

const BEFORE = { dynamicScalingIn: true, dynamicScalingOut: false, scheduledScaling: false }
const RECORD = formatSuspensionRecord({
  region: 'eu-west-1',
  resourceId: 'service/prod/web',
  before: BEFORE,
  isAnswered: true
})
const COMMAND =
  'aws application-autoscaling register-scalable-target --region eu-west-1 --service-namespace ecs ' +
  '--scalable-dimension ecs:service:DesiredCount --resource-id service/prod/web --suspended-state ' +
  'DynamicScalingInSuspended=true,DynamicScalingOutSuspended=false,ScheduledScalingSuspended=false'

/** A runner with this saved state, and what it was told. */
function runnerWith(state: Readonly<Record<string, string>>) {
  const log: string[] = []
  const annotations: string[] = []
  let isRed = false
  return {
    log,
    annotations,
    isRed: () => isRed,
    runner: {
      getState: (name: string) => state[name] ?? '',
      log: (line: string) => log.push(line),
      annotate: (kind: string, message: string) => annotations.push(`${kind}: ${message}`),
      fail() {
        isRed = true
      }
    }
  }
}

describe('the post step', () => {
  test('has said how it is done by hand before it makes its first call', async () => {
    const { runner, log } = runnerWith({ [SUSPENSION_STATE]: RECORD })
    let saidBefore: readonly string[] = []
    const scaling: ScalingPort = {
      describeTarget() {
        saidBefore = [...log]
        return Promise.resolve(undefined)
      },
      setSuspended: () => Promise.resolve('settled')
    }
    const signal = new AbortController().signal
    const nobody = () => Promise.reject(new Error('nobody asks for a service without a target'))
    const world = {
      clock: wallClock,
      signal,
      scaling: () => Promise.resolve(scaling),
      partingEcs: nobody,
      saveState: () => undefined
    }
    await putBack(runner, () => Promise.resolve(world))
    expect(saidBefore).toContain(COMMAND)
  })

  test.each([
    ['a failure', new Failure('credentials', 'there are no credentials')],
    ['an error', new Error('no such module')]
  ])('says how to do it by hand also when %s keeps it from calling anybody', async (_, error) => {
    const { runner, annotations, isRed } = runnerWith({ [SUSPENSION_STATE]: RECORD })
    await putBack(runner, () => Promise.reject(error))
    expect(annotations).toEqual([`error: ${error.message}\nrestore it with: ${COMMAND}`])
    expect(isRed()).toBe(true)
  })

  test.each([
    ['{"resourceId":"service/prod/web","before":{"dynamicScalingIn":"true"}}', 'auto scaling of service/prod/web'],
    ['{"region":"eu-west-1","resourceId":"service/prod/web', 'auto scaling of service/prod/web'],
    ['{"resourceId":7}', 'auto scaling'],
    ['null', 'auto scaling']
  ])('is red and says what may be suspended when what was saved, %s, cannot be read', async (state, what) => {
    const { runner, annotations, isRed } = runnerWith({ [SUSPENSION_STATE]: state })
    await putBack(runner, () => Promise.reject(new Error('nobody is called')))
    expect(annotations).toEqual([
      `error: ${what} may have been left suspended: what was saved of how it was before cannot be read\nrestore it with the command that the log of the deploy step shows`
    ])
    expect(isRed()).toBe(true)
  })

  test('removes what a killed build left behind', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ecs-deploy-docker-'))
    const { runner, isRed } = runnerWith({ [DOCKER_SESSION_STATE]: directory })
    await cleanUp(runner)
    await expect(stat(directory)).rejects.toMatchObject({ code: 'ENOENT' })
    expect(isRed()).toBe(false)
  })

  test('is red and goes on when that cannot be removed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'post-'))
    try {
      await writeFile(join(directory, 'file'), '')
      // Nothing stands below a file.
      const state = { [DOCKER_SESSION_STATE]: join(directory, 'file', 'ecs-deploy-docker-1') }
      const { runner, annotations, isRed } = runnerWith(state)
      await cleanUp(runner)
      expect(annotations).toEqual([expect.stringContaining('credentials')])
      expect(isRed()).toBe(true)
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
