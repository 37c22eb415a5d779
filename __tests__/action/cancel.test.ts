import { describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaultRule } from '../../simulator/control/faults.ts'
import { deploy, requests, type Circumstances } from './harness.ts'
import { serviceState, shop, WEB } from './shop.ts'

/** The runner's second signal comes after 7.5 seconds; a summary is to be written before it. */
const PROMPT_MS = 5_000
const BACK = { ...WEB, 'on-cancel': 'rollback' }

function cancelAt(says: string, faults: readonly FaultRule[] = []): Circumstances {
  return {
    faults,
    speed: 10,
    when: {
      says,
      then: ({ cancel }) => {
        cancel()
      }
    }
  }
}

function denied(operation: string): FaultRule {
  return {
    operation,
    error: 'AccessDeniedException',
    message: `not authorized to perform: ${operation}`,
    times: 'always'
  }
}

describe('a cancelled job', () => {
  test.concurrent('does not wait for an answer that does not come', async () => {
    const hangs: FaultRule = { operation: 'ecs:UpdateService', delayMs: 20_000 }
    const run = await deploy(shop(), WEB, cancelAt('== Updating the service', [hangs]))
    expect(run).toMatchObject({ outcome: 'cancelled', killed: 'SIGINT', exitCode: 1 })
    expect(run.outputs['outcome']).toBe('cancelled')
    expect(run.outputs['reason']).toContain('UpdateService was sent and nothing says what became of it')
    expect(run.durationMs).toBeLessThan(PROMPT_MS)
    expect(run.summary).toContain('cancelled')
  })

  test.concurrent('does not wait for a program that should fetch credentials', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'aws-'))
    const config = join(directory, 'config')
    writeFileSync(config, '[default]\ncredential_process = /bin/sleep 30\n')
    const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_CONFIG_FILE: config }
    const run = await deploy(shop(), WEB, { ...cancelAt('== Looking'), env })
    rmSync(directory, { recursive: true })
    expect(run.outputs).toMatchObject({
      outcome: 'cancelled',
      reason: 'the job was cancelled; no deployment was started'
    })
    expect(run.summary).toContain('cancelled')
    expect(run.durationMs).toBeLessThan(PROMPT_MS)
  })

  test.concurrent('leaves its deployment, and says where it is', async () => {
    const run = await deploy(shop(), WEB, cancelAt('== Watching'))
    expect(run.outputs).toMatchObject({ outcome: 'cancelled', changed: 'true' })
    expect(run.outputs['reason']).toMatch(/deployment ecs-svc\/\d+ was started and is left running: https:/)
    expect(requests(run, 'StopServiceDeployment')).toEqual([])
    expect(run.durationMs).toBeLessThan(PROMPT_MS)
  })

  test.concurrent('has ECS roll its deployment back when that is asked for', async () => {
    const run = await deploy(shop(), BACK, cancelAt('starting'))
    expect(run.outputs).toMatchObject({ outcome: 'cancelled' })
    expect(run.outputs['reason']).toContain('ECS was asked to roll it back')
    expect(requests(run, 'StopServiceDeployment')).toHaveLength(1)
    expect(serviceState(run.cloud).serviceDeployments[0]?.status).toMatch(/^ROLLBACK_/)
    expect(run.durationMs).toBeLessThan(PROMPT_MS)
  })

  test.concurrent('deploys the revision before when ECS may not be asked', async () => {
    const run = await deploy(shop(), BACK, cancelAt('running', [denied('ecs:StopServiceDeployment')]))
    expect(run.outputs['reason']).toMatch(/; web:1 was deployed again/)
    expect(requests(run, 'UpdateService')).toHaveLength(2)
    expect(serviceState(run.cloud)).toMatchObject({ taskDefinition: run.outputs['previous-task-definition-arn'] })
  })

  test.concurrent('says that its deployment is left when it may do neither', async () => {
    const faults = [denied('ecs:StopServiceDeployment'), { ...denied('ecs:UpdateService'), after: 1 }]
    const run = await deploy(shop(), BACK, cancelAt('running', faults))
    expect(run.outputs['reason']).toContain('is left running')
    expect(run.text).toContain('the deployment could not be rolled back')
  })

  test.concurrent('does not undo the deployment of another run', async () => {
    const run = await deploy(shop({ service: { image: 'web:main-2222222' } }), BACK, {
      ...cancelAt('== Watching'),
      before: simulator =>
        Promise.resolve(simulator.change({ deploy: { cluster: 'prod', service: 'web', image: 'web:main-2222222' } }))
    })
    expect(requests(run, 'StopServiceDeployment')).toEqual([])
    expect(requests(run, 'UpdateService')).toEqual([])
  })
})
