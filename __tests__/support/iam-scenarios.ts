import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from '../../simulator/cloud/world.ts'
import type { LoggedCall } from '../../simulator/control/calls.ts'
import { startSimulator } from '../../simulator/server.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { commit, deploy, deployTo } from '../action/harness.ts'
import { FARGATE, REGISTRY, shop, WEB, type ShopChanges } from '../action/shop.ts'
import { deployVirtually } from '../action/virtual-run.ts'
import { loginTo } from '../io/registry/server.ts'
import { DOCKER_STAND_IN } from './docker-stand-in.ts'

/** What a run called. */
export interface Made {
  readonly calls: readonly LoggedCall[]
  readonly outputs: Readonly<Record<string, string>>
}

/** Runs that get by with some parts of the documentation. */
export interface Scenario {
  readonly name: string
  /** How the headings of these parts begin. */
  readonly parts: readonly string[]
  /** An action that is called, and whose refusal nobody would notice. */
  readonly unmissed?: string
  /** How the runs end. */
  readonly ends: readonly string[]
  readonly runs: () => readonly Promise<Made>[]
}

/** The part that every deployment needs. */
export const DEPLOYMENT = 'A deployment'

/** The task definition that the policies are written for. */
const TASK = {
  ...FARGATE,
  taskRoleArn: 'arn:aws:iam::123456789012:role/web-task',
  executionRoleArn: 'arn:aws:iam::123456789012:role/web-execution',
  containerDefinitions: [
    {
      name: 'web',
      image: 'set by the service',
      portMappings: [{ containerPort: 8080 }],
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1', 'awslogs-stream-prefix': 'ecs' }
      }
    }
  ]
} as const

const SCALED = { ...WEB, min: 1, max: 4 }

const KEEP_SOME = {
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 100 },
      action: { type: 'expire' }
    }
  ]
}

/** The shop with the task definition that the policies are written for. */
export function shopWith({ service, ...changes }: ShopChanges = {}): World {
  return shop({ ...changes, service: { taskDefinition: TASK, ...service } })
}

/** The shop with other settings of its repository. */
function stocked(settings: object): World {
  const world = shopWith()
  const [web = { name: 'web' }] = world.repositories ?? []
  return { ...world, repositories: [{ ...web, ...settings }] }
}

/** Deploys in virtual time. */
export async function virtually(world: World, inputs: Readonly<Record<string, string>>): Promise<Made> {
  let calls: readonly LoggedCall[] = []
  const keep = (simulator: Simulator): void => {
    calls = simulator.calls()
  }
  const { outputs } = await deployVirtually({ world, inputs, after: keep })
  return { calls, outputs }
}

/** A directory for as long as something is done in it. */
async function within<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'rights-'))
  try {
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Gives a commit its first version, in a clone that has it. */
function countVersion(): Promise<Made> {
  return within(directory => {
    const git = (...args: readonly string[]): string => {
      const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false']
      return execFileSync('git', [...who, ...args], { cwd: directory, encoding: 'utf8' }).trim()
    }
    git('init', '-q', '-b', 'main')
    git('commit', '-q', '--allow-empty', '-m', 'feat: first')
    const sha = git('rev-parse', 'HEAD')
    const world = shopWith({ images: [{ tags: [`main-${sha.slice(0, 7)}`] }] })
    const before = (_: unknown, workspace: string): void => {
      cpSync(directory, workspace, { recursive: true })
    }
    return deploy(world, { ...WEB, version: 'auto' }, { sha, before })
  })
}

/** Builds with an engine that pushes a small image, to a repository that need not be there yet. */
async function build(driver: string, inputs: Readonly<Record<string, string>>, hasRepository: boolean): Promise<Made> {
  // Its repositories are to lie where the engine can push to: at the simulator itself.
  const { registryHost: _, ...world } = shopWith()
  const empty = { ...world, clusters: [], repositories: [] }
  const server = await startSimulator({ world: hasRepository ? world : empty, speed: 300 })
  try {
    return await within(bin => {
      writeFileSync(join(bin, 'docker'), DOCKER_STAND_IN, { mode: 0o755 })
      writeFileSync(join(bin, 'driver'), driver)
      const files = { Dockerfile: 'FROM scratch', 'task.json': JSON.stringify(TASK) }
      const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` }
      return deployTo(server, { context: '.', repository: 'web', ...inputs }, { sha: commit(9), files, env })
    })
  } finally {
    await server.close()
  }
}

async function mirror(target = 'mirror/nginx', more: Readonly<Record<string, string>> = {}): Promise<Made> {
  const image = { tags: ['1.27.3'], platforms: ['linux/amd64', 'linux/arm64'] }
  const elsewhere = await startSimulator({ world: { repositories: [{ name: 'nginx', images: [image] }] } })
  const ours = await startSimulator({
    world: { account: '123456789012', region: 'eu-west-1', repositories: [{ name: 'mirror/nginx' }] }
  })
  try {
    const { username, password } = await loginTo(elsewhere.simulator)
    const line = `127.0.0.1:${String(elsewhere.port)}/nginx:1.27.3 -> ${target}:1.27.3`
    const inputs = { mode: 'mirror', mirror: line, 'source-username': username, 'source-password': password }
    return await deployTo(ours, { ...inputs, ...more, 'poll-seconds': '' }, { env: { DOCKER_CONFIG: '/nonexistent' } })
  } finally {
    await elsewhere.close()
    await ours.close()
  }
}

function pin(inputs: Readonly<Record<string, string>>): Promise<Made> {
  const files = { 'compose.yaml': `services: { web: { image: '${REGISTRY}/web:1.4.2' } }\n` }
  const world = shopWith({ images: [{ tags: ['1.4.2'] }] })
  return deploy(world, { mode: 'pin', files: 'compose.yaml', 'poll-seconds': '', ...inputs }, { files })
}

/** What uses which parts of the documentation, and together uses each of their actions. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a deployment',
    parts: [DEPLOYMENT],
    ends: ['succeeded', 'succeeded', 'succeeded', 'succeeded'],
    runs: () => [
      virtually(shopWith(), {}),
      virtually(shopWith({ images: [{ tags: ['hand-made'] }] }), { image: 'hand-made', sha: commit(4) }),
      virtually(stocked({ lifecyclePolicy: KEEP_SOME }), {}),
      // The image of a pushed git tag is looked for among those of branches.
      virtually(shopWith(), { ref: 'refs/tags/v1.2.3' })
    ]
  },
  {
    name: 'a deployment that fails',
    parts: [DEPLOYMENT],
    ends: ['rolled-back', 'rolled-back'],
    runs: () => {
      const crashing = { crash: { exitCode: 3, afterSeconds: 2 }, logs: ['no'] }
      const images = [{ tags: ['main-3333333'], behaviour: crashing }]
      const circuitBreaker = { enable: false, rollback: false }
      const inputs = { sha: commit(3), 'wait-for-minutes': '10' }
      return [
        virtually(shopWith({ images }), inputs),
        virtually(shopWith({ images, service: { circuitBreaker } }), { ...inputs, 'circuit-breaker': 'ignore' })
      ]
    }
  },
  {
    name: 'the version counted from the commits',
    parts: [DEPLOYMENT, 'Versions'],
    ends: ['succeeded'],
    runs: () => [countVersion()]
  },
  {
    name: 'the highest version',
    parts: [DEPLOYMENT, 'Versions'],
    ends: ['succeeded'],
    runs: () => [virtually(shopWith({ images: [{ tags: ['1.4.2'] }] }), { version: 'highest' })]
  },
  {
    name: 'a scan that is waited for',
    parts: [DEPLOYMENT, 'Scans'],
    ends: ['succeeded'],
    runs: () => [virtually(shopWith(), { scan: 'wait' })]
  },
  {
    name: 'immutability that is turned on',
    parts: [DEPLOYMENT, 'Settings of the repository'],
    ends: ['succeeded'],
    runs: () => [virtually(stocked({ imageTagMutability: 'MUTABLE' }), { 'tag-immutability': 'enforce' })]
  },
  {
    name: 'a repository that is created',
    parts: [DEPLOYMENT, 'Settings of the repository', 'Building', 'Suggestions'],
    ends: ['registered'],
    runs: () => [build('docker-container', { 'create-repository': 'true', 'task-definition': 'task.json' }, false)]
  },
  {
    name: 'a marker',
    parts: [DEPLOYMENT],
    ends: ['succeeded'],
    runs: () => [virtually(stocked({ imageTagMutability: 'MUTABLE' }), { 'marker-tag': 'prod-current' })]
  },
  {
    name: 'a second container',
    parts: [DEPLOYMENT, 'Images of other containers'],
    ends: ['succeeded'],
    runs: () => {
      const proxy = { name: 'proxy', image: `${REGISTRY}/proxy:1.0.0`, essential: false }
      const taskDefinition = { ...TASK, containerDefinitions: [...TASK.containerDefinitions, proxy] }
      const repositories = [{ name: 'proxy', imageTagMutability: 'IMMUTABLE', images: [{ tags: ['1.0.0'] }] }] as const
      return [virtually(shopWith({ service: { taskDefinition }, repositories }), { 'container-name': 'web' })]
    }
  },
  {
    name: 'alarms',
    parts: [DEPLOYMENT, 'Alarms'],
    ends: ['succeeded'],
    runs: () => {
      const deploymentConfiguration = { alarms: { enable: true, rollback: true, alarmNames: ['errors'] } }
      return [
        virtually(shopWith({ service: { deploymentConfiguration }, alarms: [{ name: 'errors', state: 'OK' }] }), {})
      ]
    }
  },
  {
    name: 'a build',
    parts: [DEPLOYMENT, 'Building'],
    ends: ['succeeded', 'succeeded'],
    runs: () => [build('docker-container', WEB, true), build('docker', WEB, true)]
  },
  {
    name: 'files that are pinned',
    parts: ['Pinning files'],
    ends: ['succeeded', 'succeeded', 'rejected'],
    runs: () => [pin({}), pin({ version: 'highest' }), pin({ ...WEB, check: 'true' })]
  },
  { name: 'a mirror', parts: ['Mirroring'], ends: ['succeeded'], runs: () => [mirror()] },
  {
    name: 'a mirror that creates its target',
    parts: ['Mirroring', 'Suggestions'],
    ends: ['succeeded'],
    runs: () => [mirror('mirror/new', { 'create-repository': 'true' })]
  },
  {
    name: 'auto scaling that is suspended',
    parts: [DEPLOYMENT, 'Suspending auto scaling'],
    ends: ['succeeded'],
    runs: () => [virtually(shopWith({ scalableTargets: [SCALED] }), { 'auto-scaling': 'suspend' })]
  },
  {
    name: 'auto scaling that is kept',
    parts: [DEPLOYMENT],
    ends: ['succeeded'],
    runs: () => [virtually(shopWith({ scalableTargets: [SCALED] }), {})]
  },
  {
    name: 'a revision with tags',
    parts: [DEPLOYMENT, 'Tags on the revision'],
    ends: ['succeeded'],
    runs: () => [virtually(shopWith(), { 'task-definition-tags': 'team=shop' })]
  },
  {
    name: 'names that are mistyped',
    parts: [DEPLOYMENT, 'Suggestions'],
    // The image is asked for beside its repository, whose absence is what is told.
    unmissed: 'ecr:BatchGetImage',
    ends: ['rejected', 'rejected', 'rejected'],
    runs: () => [
      virtually(shopWith(), { cluster: 'prd' }),
      virtually(shopWith(), { service: 'wbe' }),
      virtually(shopWith(), { repository: 'wbe' })
    ]
  }
]
