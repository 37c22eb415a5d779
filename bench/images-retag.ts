import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import type { World } from '../simulator/cloud/world.ts'
import type { LoggedCall } from '../simulator/control/calls.ts'
import { pushLargeImage } from '../__tests__/real/support/large-image.ts'
import { TARGET } from './cloud.ts'
import type { ImageBench } from './images.ts'
import { spreadOf } from './statistics.ts'
import { prepareStep, runStep } from './step.ts'

const MEBIBYTE = 1024 * 1024
const LAYERS = [64, 8, 1].map(mebibytes => mebibytes * MEBIBYTE)

const WORLD: World = {
  account: '123456789012',
  region: 'eu-west-1',
  repositories: [{ name: 'web', imageTagMutability: 'IMMUTABLE' }],
  clusters: []
}

interface Retag {
  readonly milliseconds: number
  /** What the registry and its API were asked, image bytes among it or not. */
  readonly calls: readonly LoggedCall[]
}

/** What one more tag on an image takes, beside `docker pull`, `docker tag` and `docker push`. */
export async function measureRetag(bench: ImageBench): Promise<readonly string[]> {
  await pushLargeImage(bench.registry, 'web', '1.0.0', { platforms: { 'linux/amd64': LAYERS } })
  const [ours, docker]: [Retag[], Retag[]] = [[], []]
  for (let run = 0; run < bench.runs; run++) {
    ours.push(await retag(bench))
    docker.push(await retagWithDocker(bench))
  }
  return [describe('a tag on an image that is there', ours), describe('docker pull, tag and push', docker)]
}

/** The world with the image in it, which skopeo brings there. */
async function fill({ cloud, root, registry }: ImageBench): Promise<number> {
  await cloud.reset(WORLD)
  const { host } = new URL(cloud.url)
  const args = [
    ...['--insecure-policy', 'copy', '--all', '--preserve-digests', '--quiet', '--src-tls-verify=false'],
    ...['--dest-tls-verify=false', '--dest-creds', (await cloud.login()).join(':')],
    ...[`docker://${registry}/web:1.0.0`, `docker://${host}/web:1.0.0`]
  ]
  const env = { PATH: process.env['PATH'] ?? '', HOME: root, XDG_RUNTIME_DIR: root }
  const { exitCode, output } = await runStep('skopeo', { args, env, directory: root })
  if (exitCode !== 0) throw new Error(`skopeo failed:\n${output}`)
  return (await cloud.calls()).length
}

async function retag(bench: ImageBench): Promise<Retag> {
  const before = await fill(bench)
  const { host } = new URL(bench.cloud.url)
  const inputs = { 'task-definition': 'web.json', image: `${host}/web:1.0.0`, 'tag-image': 'always' }
  const step = await prepareStep(join(bench.root, 'retag'), { directory: bench.action, inputs }, bench.cloud.url)
  await writeFile(join(step.directory, 'web.json'), JSON.stringify(taskDefinition()))
  const { exitCode, output, milliseconds } = await runStep(bench.node, step)
  if (exitCode !== 0 || !output.includes(TARGET.tag)) throw new Error(`the tag was not put:\n${output}`)
  return { milliseconds, calls: await callsSince(bench, before) }
}

async function retagWithDocker(bench: ImageBench): Promise<Retag> {
  const before = await fill(bench)
  const { host } = new URL(bench.cloud.url)
  const [username, password] = await bench.cloud.login()
  const env = { PATH: process.env['PATH'] ?? '', ...bench.environment }
  const [from, to] = [`${host}/web:1.0.0`, `${host}/web:${TARGET.tag}`]
  const commands = [
    ['login', '-u', username, '-p', password, host],
    ['pull', '-q', from],
    ['tag', from, to],
    ['push', '-q', to]
  ]
  let milliseconds = 0
  for (const args of commands) {
    const step = await runStep('docker', { args, env, directory: bench.root })
    if (step.exitCode !== 0) throw new Error(`docker ${args[0] ?? ''} failed:\n${step.output}`)
    milliseconds += step.milliseconds
  }
  const calls = await callsSince(bench, before)
  await runStep('docker', { args: ['rmi', from, to], env, directory: bench.root })
  return { milliseconds, calls }
}

async function callsSince({ cloud }: ImageBench, before: number): Promise<readonly LoggedCall[]> {
  const calls = (await cloud.calls()).slice(before)
  return calls.filter(
    ({ service, operation }) => (service === 'ecr' || service === 'registry') && operation !== 'GetAuthorizationToken'
  )
}

function describe(title: string, retags: readonly Retag[]): string {
  const { median, lower, upper } = spreadOf(retags.map(({ milliseconds }) => milliseconds))
  const calls = retags.at(-1)?.calls ?? []
  const layers = calls.filter(({ operation }) => operation === 'GET layers').length
  const time = `${median.toFixed(0)} ms (${lower.toFixed(0)}–${upper.toFixed(0)})`
  return `${title}: ${time}, ${String(calls.length)} calls to ECR and its registry, ${String(layers)} downloads of blobs`
}

function taskDefinition(): object {
  return {
    family: TARGET.service,
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
    containerDefinitions: [{ name: 'web', image: 'set by the run', essential: true }]
  }
}
