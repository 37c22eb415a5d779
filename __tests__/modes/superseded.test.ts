import { describe, expect, test } from '@jest/globals'
import type { FaultRule } from '../../simulator/control/faults.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { serviceState, shop, WEB } from '../action/shop.ts'
import { deployVirtually, shopWith } from '../action/virtual-run.ts'
import type { Meanwhile } from '../properties/virtual-world.ts'

const CRASH = { crash: { exitCode: 78, afterSeconds: 2 } } as const

function theirs(atSeconds: number, image = 'web:main-1111111'): Meanwhile {
  return { atSeconds, change: { deploy: { ...WEB, image } } }
}

/** The ids of the deployments of the service, newest first. */
function idsOf(simulator: Simulator): readonly string[] {
  const all = serviceState(simulator.state()).serviceDeployments as unknown as readonly { deploymentId: string }[]
  return all.map(({ deploymentId }) => deploymentId)
}

async function deployAndBeReplaced(scene: Omit<Parameters<typeof deployVirtually>[0], 'after'>) {
  let ids: readonly string[] = []
  const after = (simulator: Simulator) => (ids = idsOf(simulator))
  const { result, log, summary } = await deployVirtually({ ...scene, after })
  return { result, log, summary, ids }
}

describe('a deployment that somebody replaced', () => {
  test('while it was well is told as that', async () => {
    const { result, ids } = await deployAndBeReplaced({ world: shop(), meanwhile: [theirs(12)] })
    expect(result).toMatchObject({ outcome: 'superseded' })
    expect(result.evidence).toBeUndefined()
    expect(result.reason).toBe(`${ids[1] ?? ''} was replaced by ${ids[0] ?? ''}, which deploys web:3`)
  })

  test('by one that was replaced itself before anybody looked names that one', async () => {
    const { result, ids } = await deployAndBeReplaced({
      world: shop({ images: [{ tags: ['theirs'] }] }),
      inputs: { 'poll-seconds': '45' },
      meanwhile: [theirs(12), theirs(14, 'web:theirs')]
    })
    const [last = '', first = '', mine = ''] = ids
    expect(result).toMatchObject({ outcome: 'superseded' })
    expect(result.reason).toContain(`${mine} was replaced by ${first}; by now the service is set to ${last}`)
  })

  test('while one of its tasks had failed and the others ran is told as that alone', async () => {
    const world = shop({ service: { desiredCount: 4 } })
    const stop: Meanwhile = { atSeconds: 95, change: { stopTask: { ...WEB, stopCode: 'EssentialContainerExited' } } }
    const { result } = await deployAndBeReplaced({
      world,
      inputs: { 'poll-seconds': '3' },
      meanwhile: [stop, theirs(110)]
    })
    expect(result).toMatchObject({ outcome: 'superseded' })
    expect(result.reason).not.toContain('failing')
  })

  test('after its tasks had begun to fail has its own failure told as well', async () => {
    const world = shopWith(CRASH, { service: { desiredCount: 4, circuitBreaker: { enable: true, rollback: true } } })
    const scene = { world, inputs: { 'poll-seconds': '3' }, meanwhile: [theirs(45)] }
    const { result, ids, log, summary } = await deployAndBeReplaced(scene)
    expect(result).toMatchObject({ outcome: 'superseded', reasonCode: 'superseded' })
    expect(result.reason).toMatch(/before that it was failing: (\d) of \1 tasks?: .*exited with code 78/)
    expect(result.reason).toContain(`replaced by ${ids[0] ?? ''}, which deploys web:3`)
    expect(result.evidence?.join('\n')).toMatch(/78/)
    expect(log).toContain(result.evidence?.[0])
    expect(summary).toContain('failing')
  })

  test('after ECS had rolled it back, before anybody looked, is told as that too', async () => {
    const world = shopWith(CRASH, { service: { circuitBreaker: { enable: true, rollback: true } } })
    const scene = { world, inputs: { 'poll-seconds': '300' }, meanwhile: [theirs(280)] }
    const { result, ids } = await deployAndBeReplaced(scene)
    const [last = '', mine = ''] = ids
    expect(result).toMatchObject({ outcome: 'superseded', reasonCode: 'superseded' })
    expect(result.reason).toMatch(
      new RegExp(`^${mine} was replaced by ${last}, which deploys web:3; before that ECS had rolled it back: .*code 78`)
    )
  })

  test.each<[string, readonly FaultRule[]]>([
    ['', []],
    [
      ', which is not known without the service deployments',
      [{ operation: 'ecs:ListServiceDeployments', error: 'ClientException', message: 'odd', after: 1, times: 'always' }]
    ]
  ])('by one that was rolled back since names that one%s', async (_, faults) => {
    const { result, ids } = await deployAndBeReplaced({
      world: shop({ images: [{ tags: ['bad'], behaviour: CRASH }] }),
      inputs: { 'poll-seconds': '300', 'wait-for-minutes': '60' },
      meanwhile: [theirs(12, 'web:bad')],
      faults
    })
    const [newest = '', mine = '', oldest = ''] = ids
    const whose = faults.length === 0 ? newest : 'a deployment that is not listed any more'
    expect(result.outcome).toBe('superseded')
    expect(result.reason).toMatch(
      new RegExp(`^${mine} was replaced by ${whose}; when it was last read, the service was set to .* of web:1$`)
    )
    expect(oldest).not.toBe(mine)
  })
})
