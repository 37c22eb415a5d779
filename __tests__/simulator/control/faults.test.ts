import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Faults, parseFaults, type FaultRule } from '../../../simulator/control/faults.ts'
import { ConnectionDropped } from '../../../simulator/perform.ts'
import { createSimulator, type Simulator } from '../../../simulator/simulator.ts'
import { call, json, send } from '../in-process.ts'

describe('rules', () => {
  test.each<[unknown, string]>([
    [{}, 'faults: expected a list, got {}'],
    [[{}], 'faults[0].operation is missing'],
    [[{ operation: 'UpdateService', error: 'X' }], 'faults[0].operation: expected a string like'],
    [[{ operation: 'ecs:UpdateService' }], 'faults[0] does nothing: give it error, status, delayMs or drop'],
    [[{ operation: 'ecs:*', drop: 'before', error: 'X' }], 'faults[0]: drop and error exclude each other'],
    [[{ operation: 'ecs:*', delayMs: 1, message: 'x' }], 'faults[0].message needs error or status'],
    [[{ operation: 'ecs:*', status: 200 }], 'faults[0].status: expected a whole number of at least 400, got 200'],
    [[{ operation: 'ecs:*', status: 600 }], 'faults[0].status: expected a status from 400 to 599, got 600'],
    [[{ operation: 'ecs:*', error: 'X', times: 0 }], 'faults[0].times: expected a whole number of at least 1, got 0'],
    [[{ operation: 'ecs:*', drop: 'during' }], 'faults[0].drop: expected "before" or "after", got "during"']
  ])('%j are refused', (rules, message) => {
    expect(() => parseFaults(rules)).toThrow(message)
  })

  test.each([
    ['ecs:UpdateService', 'ecs', 'UpdateService', true],
    ['ecs:UpdateService', 'ecs', 'UpdateServiceX', false],
    ['ecs:*', 'ecs', 'ListTasks', true],
    ['ecs:Describe*', 'ecs', 'ListTasks', false],
    ['*:*', 'registry', 'PUT manifests', true],
    ['registry:PUT manifests', 'registry', 'GET manifests', false]
  ])('for %s strike %s:%s: %s', (operation, service, called, struck) => {
    const faults = new Faults()
    faults.replace([{ operation, error: 'X' }])
    expect(faults.strike(service, called) !== undefined).toBe(struck)
  })

  test.each<[FaultRule, string, number, string]>([
    [{ operation: 'a:b', error: 'ThrottlingException' }, 'ThrottlingException', 400, 'Rate exceeded'],
    [{ operation: 'a:b', error: 'ServerException', message: 'm' }, 'ServerException', 500, 'm'],
    [{ operation: 'a:b', error: 'ServiceUnavailable', message: 'm' }, 'ServiceUnavailable', 503, 'm'],
    [
      { operation: 'a:b', error: 'AccessDeniedException', status: 403, message: 'm' },
      'AccessDeniedException',
      403,
      'm'
    ],
    [{ operation: 'a:b', status: 503, message: 'm' }, 'ServiceUnavailable', 503, 'm'],
    [{ operation: 'a:b', status: 500, message: 'm' }, 'InternalFailure', 500, 'm'],
    [{ operation: 'a:b', status: 429 }, 'ThrottlingException', 429, 'Rate exceeded']
  ])('%j', (rule, code, status, message) => {
    const faults = new Faults()
    faults.replace([rule])
    expect(faults.strike('a', 'b')?.effect).toEqual({ kind: 'refuse', refusal: { code, status, message } })
  })
})

describe('in a simulator', () => {
  let simulator: Simulator

  beforeEach(() => {
    simulator = createSimulator({
      clock: 'manual',
      world: {
        repositories: [{ name: 'web', images: [{ tags: ['a'] }] }],
        clusters: [{ name: 'prod', services: [{ name: 'web', image: 'web:a', desiredCount: 1 }] }]
      }
    })
  })

  afterEach(() => {
    simulator.close()
  })

  const list = () => call(simulator, 'ecs:ListClusters', {})
  const scale = () => call(simulator, 'ecs:UpdateService', { cluster: 'prod', service: 'web', desiredCount: 3 })

  async function desiredCount(): Promise<unknown> {
    const { body } = await call(simulator, 'ecs:DescribeServices', { cluster: 'prod', services: ['web'] })
    return (body['services'] as { desiredCount: number }[])[0]?.desiredCount
  }

  test('a rule lets some pass, hits some and is then spent', async () => {
    simulator.setFaults([{ operation: 'ecs:ListClusters', error: 'ServerException', after: 1, times: 2 }])
    const statuses: number[] = []
    for (let count = 0; count < 5; count += 1) statuses.push((await list()).status)
    expect(statuses).toEqual([200, 500, 500, 200, 200])
    expect(simulator.state().faults).toMatchObject([{ left: 0 }])
  })

  test('rules for the same operation follow each other', async () => {
    simulator.setFaults([
      { operation: 'ecs:ListClusters', error: 'First' },
      { operation: 'ecs:*', error: 'Second', times: 'always' }
    ])
    const codes: unknown[] = []
    for (let count = 0; count < 3; count += 1) codes.push((await list()).body['__type'])
    expect(codes).toEqual(['First', 'Second', 'Second'])
  })

  test('new rules take the place of old ones', async () => {
    simulator.setFaults([{ operation: '*:*', error: 'Old', times: 'always' }])
    simulator.setFaults([])
    expect((await list()).status).toBe(200)
  })

  test('a refused call does nothing', async () => {
    simulator.setFaults([{ operation: 'ecs:UpdateService', error: 'AccessDeniedException', message: 'no' }])
    expect((await scale()).body).toEqual({ __type: 'AccessDeniedException', message: 'no' })
    expect(await desiredCount()).toBe(1)
  })

  test('a connection cut before the work leaves everything as it was', async () => {
    simulator.setFaults([{ operation: 'ecs:UpdateService', drop: 'before' }])
    await expect(scale()).rejects.toThrow(ConnectionDropped)
    expect(await desiredCount()).toBe(1)
    expect(simulator.calls()[0]).toMatchObject({ status: 0, error: 'dropped before' })
  })

  test('a connection cut after the work has done it', async () => {
    simulator.setFaults([{ operation: 'ecs:UpdateService', drop: 'after' }])
    await expect(scale()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await desiredCount()).toBe(3)
    expect(simulator.calls()[0]).toMatchObject({ status: 0, error: 'dropped after' })
  })

  test('a delay lets time pass and then answers', async () => {
    simulator.setFaults([{ operation: 'ecs:ListClusters', delayMs: 30_000 }])
    expect((await list()).status).toBe(200)
    expect(simulator.now()).toBe('2026-01-05T09:00:30.000Z')
  })

  test('the registry and GitHub refuse in their own form', async () => {
    simulator.setFaults([
      { operation: 'registry:GET manifests', error: 'TOOMANYREQUESTS', status: 429, message: 'slow down' },
      { operation: 'github:POST deployments', status: 502, message: 'bad gateway' }
    ])
    const manifest = await send(simulator, '/v2/web/manifests/a', { method: 'GET' })
    expect(manifest.status).toBe(429)
    expect(manifest.body).toBe('{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}')
    const deployment = await send(simulator, '/api/v3/repos/octo/app/deployments', { method: 'POST', body: '{}' })
    expect(deployment.status).toBe(502)
    expect(json(deployment)).toMatchObject({ message: 'bad gateway' })
  })
})
