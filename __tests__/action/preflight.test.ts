import { describe, expect, test } from '@jest/globals'
import type { Simulator } from '../../simulator/simulator.ts'
import { deploy, requests, writes, type Deployed } from './harness.ts'
import { BESIDE_PROXY, CHECKED, DRY, ERRORS, HINTS, OFF, WARNINGS, type Case } from './preflight-cases.ts'
import { shop, WEB, WITH_PROXY } from './shop.ts'

/** The messages of the warnings on the run's page. */
function warnings(run: Deployed): readonly string[] {
  return run.annotations.flatMap(({ level, message }) => (level === 'warning' ? [message] : []))
}

function deployCase({ world, inputs, sha, before, faults = [], files = {} }: Case): Promise<Deployed> {
  const circumstances = { faults, files, before: async (simulator: Simulator) => before?.(simulator) }
  return deploy(shop(world), { ...WEB, ...inputs }, { ...circumstances, ...(sha !== undefined && { sha }) })
}

describe('before anything changes, a run', () => {
  test.concurrent.each(ERRORS)('refuses $finds', async found => {
    const run = await deployCase(found)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': found.code } })
    expect(run.outputs['reason']).toContain(found.says)
    expect(run.annotations.at(-1)?.message).toContain(found.remedy)
    expect(writes(run)).toEqual([])
  })

  test.concurrent.each(WARNINGS)('warns of $finds', async found => {
    const run = await deployCase({ ...found, inputs: { ...DRY, ...found.inputs } })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned' } })
    const told = warnings(run).find(message => message.includes(found.says)) ?? ''
    expect(told).toContain(found.remedy)
    expect(writes(run)).toEqual([])
  })

  test.concurrent.each(HINTS)('notes $finds', async found => {
    const run = await deployCase({ ...found, inputs: { ...DRY, ...found.inputs } })
    expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'planned' } })
    const line = run.log.find(text => text.includes(found.says)) ?? ''
    expect(line).toContain(found.remedy)
    expect(warnings(run)).toEqual([])
  })
})

test.concurrent(
  'daemons that may not be stopped are refused, as a new one has no place beside an old one',
  async () => {
    const daemon = {
      name: 'web',
      image: 'web:main-1111111',
      schedulingStrategy: 'DAEMON',
      minimumHealthyPercent: 100
    } as const
    const run = await deploy({ ...shop(), clusters: [{ name: 'prod', instances: 2, services: [daemon] }] }, WEB)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'deployment-deadlock' })
    expect(run.annotations.at(-1)?.message).toContain('set minimumHealthyPercent to 50 or less')
  }
)

describe('several findings', () => {
  const doomed = { minimumHealthyPercent: 100, maximumPercent: 100, circuitBreaker: OFF }

  test.concurrent.each([
    ['a run', WEB],
    ['a dry run', DRY]
  ])('are all told by %s, with what to do about each', async (_, inputs) => {
    const run = await deploy(
      shop({ ...BESIDE_PROXY, service: { ...doomed, taskDefinition: WITH_PROXY } }),
      { ...inputs, 'container-name': 'web', 'circuit-breaker': 'require' },
      {
        before: simulator => {
          simulator.change({ archiveImage: { repository: 'proxy', tag: '1.0.0' } })
          return Promise.resolve()
        }
      }
    )
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'deployment-deadlock' })
    expect(run.outputs['reason']?.split('\n')).toEqual([
      expect.stringContaining('ECS can neither start'),
      expect.stringContaining('no deployment circuit breaker'),
      expect.stringContaining('of container proxy is archived')
    ])
    const message = run.annotations.at(-1)?.message
    for (const remedy of ['maximumPercent', "'circuit-breaker'", 'restore it first']) expect(message).toContain(remedy)
    expect(warnings(run)).toEqual([])
    expect(writes(run)).toEqual([])
  })

  test.concurrent('are told beside an image that is not there', async () => {
    const run = await deploy(shop({ service: doomed }), WEB, { sha: '9'.repeat(40) })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'image-not-found' })
    expect(run.outputs['reason']).toContain("no image with the tag 'main-9999999'")
    expect(run.outputs['reason']).toContain('ECS can neither start')
  })

  test.concurrent('that need no image are told before a build', async () => {
    const run = await deploy(shop({ service: doomed }), { ...WEB, context: '.' }, { sha: '9'.repeat(40) })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'deployment-deadlock' })
    expect(run.text).not.toContain('Building the image')
  })
})

describe('a deployment that nothing is wrong with', () => {
  test.concurrent('asks for nothing but the running image and the config of the next one', async () => {
    const run = await deploy(shop(), WEB)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(requests(run, 'BatchGetImage')).toHaveLength(2)
    expect(requests(run, 'GetDownloadUrlForLayer')).toHaveLength(1)
    expect(requests(run, 'DescribeAlarms')).toEqual([])
    const update = run.calls.findIndex(({ operation }) => operation === 'UpdateService')
    expect(run.calls.slice(0, update).map(({ operation }) => operation)).not.toContain('ListServiceDeployments')
  })

  test.concurrent('does not read a config whose platform and commit matter to nobody', async () => {
    const onInstances = {
      ...WITH_PROXY,
      requiresCompatibilities: ['EC2'],
      containerDefinitions: [CHECKED.containerDefinitions[0]]
    }
    const inputs = { ...DRY, image: 'main-2222222', 'tag-image': 'never' }
    const run = await deploy(shop({ service: { taskDefinition: onInstances } }), inputs)
    expect(run.outputs['outcome']).toBe('planned')
    expect(requests(run, 'GetDownloadUrlForLayer')).toEqual([])
  })
})
