import { readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { LoggedCall } from '../simulator/control/calls.ts'
import { TARGET, type BenchCloud } from './cloud.ts'
import { measurePeakMemory, prepareStep, runStep, type ActionStep } from './step.ts'

/** An action that is measured, and what was measured of it so far. */
export interface Contender {
  readonly name: string
  readonly step: ActionStep
  readonly distBytes: number
  readonly firstRequestMs: number[]
  readonly deployMs: number[]
  readonly peakBytes: number[]
  readonly calls: { readonly total: number; readonly besidesPolls: number }[]
}

/** This action, finding the pushed image by the commit's tag. */
export async function prepareOurs(root: string, cloud: BenchCloud, directory: string): Promise<Contender> {
  const inputs = { cluster: TARGET.cluster, service: TARGET.service }
  return contender('this action', await prepareStep(join(root, 'ours'), { directory, inputs }, cloud.url))
}

/** The official deploy action: its file is rendered already, which is another action's work. */
export async function prepareOfficial(
  root: string,
  cloud: Pick<BenchCloud, 'url' | 'image'>,
  directory: string
): Promise<Contender> {
  const file = 'task-definition.json'
  const inputs = {
    'task-definition': file,
    cluster: TARGET.cluster,
    service: TARGET.service,
    'wait-for-service-stability': 'true'
  }
  const step = await prepareStep(join(root, 'official'), { directory, inputs }, cloud.url)
  await writeFile(join(step.directory, file), JSON.stringify(taskDefinition(cloud.image)))
  return contender('official', step)
}

function taskDefinition(image: string): object {
  return {
    family: TARGET.service,
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
    containerDefinitions: [{ name: 'web', image, essential: true }]
  }
}

async function contender(name: string, step: ActionStep): Promise<Contender> {
  const distBytes = await sizeOf(dirname(step.args[0] ?? ''))
  return { name, step, distBytes, firstRequestMs: [], deployMs: [], peakBytes: [], calls: [] }
}

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  const sizes = await Promise.all(files.map(async file => (await stat(join(file.parentPath, file.name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** One deploy from the same beginning; throws with the log when it fails, for a failed deploy is no measurement. */
export async function measureDeploy(node: string, cloud: BenchCloud, one: Contender): Promise<void> {
  cloud.reset()
  const { startedAt, milliseconds, output, exitCode } = await runStep(node, one.step)
  const firstAt = cloud.firstRequestAt()
  if (exitCode !== 0 || firstAt === undefined) throw new Error(`${one.name} failed:\n${output}`)
  one.deployMs.push(milliseconds)
  one.firstRequestMs.push(firstAt - startedAt)
  const calls = cloud.calls()
  one.calls.push({ total: calls.length, besidesPolls: calls.length - pollsAmong(calls) })
}

/** Another deploy for its memory alone: to learn it slows the process down a little. */
export async function measureMemory(node: string, cloud: BenchCloud, one: Contender): Promise<void> {
  cloud.reset()
  one.peakBytes.push(await measurePeakMemory(node, one.step))
}

const POLLS: readonly string[] = ['DescribeServices', 'ListServiceDeployments', 'DescribeServiceDeployments']

/** What is read again and again until the deployment is over. */
function pollsAmong(calls: readonly LoggedCall[]): number {
  const update = calls.findIndex(({ operation }) => operation === 'UpdateService')
  return calls.slice(update + 1).filter(({ operation }) => POLLS.includes(operation)).length
}
