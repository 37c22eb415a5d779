import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World, WorldImage } from '../../simulator/cloud/world.ts'
import { deploy, requests, type Deployed } from '../action/harness.ts'
import { FARGATE, shop, WEB } from '../action/shop.ts'

/** What a run may take, of which Node itself takes 50. */
const MOST_MEGABYTES = 250
const BYTES_A_KILOBYTE = 1024
const BYTES_A_MEGABYTE = 1e6

/** Writes down the peak of the resident memory, which a child's `maxRSS` on Linux has from its parent. */
const PEAK = `const { readFileSync, writeFileSync } = require('node:fs')
process.on('exit', () => {
  let kilobytes = process.resourceUsage().maxRSS
  try { kilobytes = Number(/^VmHWM:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) } catch {}
  // The post step ends after the main step; the larger of them counts.
  let before = 0
  try { before = Number(readFileSync(process.env.PEAK_FILE, 'utf8')) } catch {}
  writeFileSync(process.env.PEAK_FILE, String(Math.max(before, kilobytes)))
})`

let root: string
const peaks: string[] = []
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'limits-'))
  writeFileSync(join(root, 'peak.cjs'), PEAK)
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
  process.stdout.write(`peak memory: ${peaks.join(', ')}\n`)
})

/** Deploys, and sees that it takes no more memory than it may. */
async function deployWithin(
  what: string,
  world: World,
  inputs: Readonly<Record<string, string>>,
  circumstances: Parameters<typeof deploy>[2] = {}
): Promise<Deployed> {
  const file = join(mkdtempSync(join(root, 'run-')), 'peak')
  const env = { NODE_OPTIONS: `--require ${join(root, 'peak.cjs')}`, PEAK_FILE: file }
  const run = await deploy(world, inputs, { ...circumstances, env })
  const megabytes = (Number(readFileSync(file, 'utf8')) * BYTES_A_KILOBYTE) / BYTES_A_MEGABYTE
  peaks.push(`${what} ${megabytes.toFixed(0)} MB`)
  expect(megabytes).toBeGreaterThan(30)
  expect(megabytes).toBeLessThan(MOST_MEGABYTES)
  return run
}

/** Ten containers with a hundred variables each, a little below the 64 KiB that ECS takes. */
function largeTaskDefinition(): object {
  const containers = Array.from({ length: 10 }, (_, container) => ({
    name: container === 0 ? 'web' : `side-${String(container)}`,
    image: 'set by the service',
    environment: Array.from({ length: 100 }, (__, variable) => ({
      name: `VARIABLE_${String(variable)}`,
      value: `value number ${String(variable)} of ${String(container)}`
    })),
    ...(container === 0 && { portMappings: [{ containerPort: 8080 }] })
  }))
  return { ...FARGATE, cpu: '4096', memory: '8192', containerDefinitions: containers }
}

describe('what is unusually large is deployed like anything else:', () => {
  test('a task definition of 64 KiB', async () => {
    const task = largeTaskDefinition()
    const bytes = Buffer.byteLength(JSON.stringify(task))
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(64 * 1024)
    const names = Array.from({ length: 10 }, (_, index) => (index === 0 ? 'web' : `side-${String(index)}`))
    const inputs = { ...WEB, 'task-definition': 'task.json', repository: 'web', 'container-name': names.join(',') }
    const run = await deployWithin('64 KiB task definition', shop(), inputs, {
      files: { 'task.json': JSON.stringify(task) }
    })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.revision?.containerDefinitions).toHaveLength(10)
    expect(Buffer.byteLength(run.summary)).toBeLessThan(1 << 20)
    expect(run.text.split('\n').length).toBeLessThan(1_500)
  }, 60_000)

  test('500 tasks, which are all proven', async () => {
    const run = await deployWithin('500 tasks', shop({ service: { desiredCount: 500 } }), WEB, { speed: 600 })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.outputs['reason']).toContain('500 of 500 tasks proven by digest')
    // A hundred at a time, and looked at once or a few times while digests come in.
    expect(requests(run, 'DescribeTasks').length).toBeLessThanOrEqual(30)
    expect(Buffer.byteLength(run.summary)).toBeLessThan(1 << 20)
  }, 120_000)

  test('500 tasks that all fail, with a log of long lines', async () => {
    const logs = Array.from({ length: 1_000 }, (_, line) => `${String(line)} ${'x'.repeat(5_000)}`)
    const behaviour = { crash: { exitCode: 3, afterSeconds: 2 }, logs }
    const images: readonly WorldImage[] = [{ tags: ['main-3333333'], behaviour }]
    const run = await deployWithin('500 failing tasks', shop({ images, service: { desiredCount: 500 } }), WEB, {
      sha: '3'.repeat(40),
      speed: 600
    })
    expect(run.outputs['outcome']).toBe('rolled-back')
    expect(Buffer.byteLength(run.summary)).toBeLessThan(1 << 20)
  }, 120_000)

  test('a repository of 100,000 tags', async () => {
    const images = Array.from({ length: 100 }, (_, image) => ({
      tags: Array.from({ length: 1_000 }, (__, tag) => `1.${String(image)}.${String(tag)}`)
    }))
    const run = await deployWithin('100,000 tags', shop({ images, limits: { throttling: false } }), {
      ...WEB,
      version: 'highest'
    })
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', version: '1.99.999' })
    expect(requests(run, 'ListImages')).toHaveLength(101)
  }, 120_000)

  test('a repository of 25,000 images with a lifecycle policy that counts them', async () => {
    const world = shop({ limits: { throttling: false } })
    const [web = { name: 'web' }] = world.repositories ?? []
    const others = Array.from({ length: 25_000 }, (_, index) => ({
      tags: [`other-${String(index)}`],
      pushedDaysAgo: 10
    }))
    const rule = {
      rulePriority: 1,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 30_000 },
      action: { type: 'expire' }
    }
    const repository = { ...web, images: [...(web.images ?? []), ...others], lifecyclePolicy: { rules: [rule] } }
    const run = await deployWithin('25,000 images', { ...world, repositories: [repository] }, WEB)
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(requests(run, 'DescribeImages').length).toBeLessThanOrEqual(25)
  }, 120_000)
})
