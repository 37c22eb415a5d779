import type { AlarmsPort } from './io/aws/alarms.ts'
import type { CallPolicy } from './io/aws/call.ts'
import { endpointHostOf } from './io/aws/endpoint.ts'
import type { EcrPort } from './io/aws/ecr.ts'
import type { EcsPort, OnTaskDefinition } from './io/aws/ecs.ts'
import type { RepositoryPort } from './io/aws/repository.ts'
import type { ScanPort } from './io/aws/scan.ts'
import type { LogsPort } from './io/aws/logs.ts'
import type { ScalingPort } from './io/aws/scaling.ts'
import { wallClock, type Clock } from './io/clock.ts'
import type { Docker } from './io/docker.ts'
import type { Checkout, Git } from './io/git.ts'
import { createFiles, type Files } from './io/files.ts'
import { cancelledIn } from './io/parting.ts'
import type { WorkspaceFiles } from './io/workspace-files.ts'
import type { RegistryPort } from './io/registry/registry.ts'

/** Everything outside that a run touches, each behind its port; a port is loaded when it is first asked for. */
export interface World {
  readonly region: string
  /** Host and port that ECR's calls go to where that is not AWS's own endpoint. */
  readonly endpointHost?: string | undefined
  readonly clock: Clock
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal
  readonly files: Files
  ecs(): Promise<EcsPort>
  /** For the last calls of a cancelled run: they are tried once, and have a few seconds in all. */
  partingEcs(): Promise<EcsPort>
  /** The registry of a region, and of another account than the caller's own when one is given. */
  ecr(region: string, account: string | undefined): Promise<EcrPort>
  /** The settings of the repositories of such a registry. */
  repositories(region: string, account: string | undefined): Promise<RepositoryPort>
  /** The scanner of such a registry. */
  scans(region: string, account: string | undefined): Promise<ScanPort>
  scaling(): Promise<ScalingPort>
  logs(): Promise<LogsPort>
  /** CloudWatch alarms of the deployment's region. */
  alarms(): Promise<AlarmsPort>
  docker(): Promise<Docker>
  /** Registries of any kind, spoken to without Docker. */
  registry(): Promise<RegistryPort>
  /** Files that are changed where they are. */
  workspaceFiles(): Promise<WorkspaceFiles>
  /** The clone that a path of the workspace lies in, else that of the workspace. */
  git(path: string): Promise<Git>
  /** What is checked out where a path of the workspace lies, else in the workspace. */
  checkout(path: string): Promise<Omit<Checkout, 'directory'>>
  /** Remembers a value for the post step, whatever becomes of this process. */
  readonly saveState: (name: string, value: string) => void
  /** Has the runner hide a value in the log from now on. */
  readonly addMask: (value: string) => void
}

/** What the composition needs to know of this run. */
export interface WorldOptions {
  readonly region: string
  readonly workspace: string
  readonly temporaryDirectory: string
  readonly attempts: number | undefined
  readonly signal: AbortSignal
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Link to the run; undefined when the runner does not say. */
  readonly runUrl?: string | undefined
  readonly saveState: (name: string, value: string) => void
  readonly addMask: (value: string) => void
  /** Told of every task definition that is read or is about to be registered: it holds what nobody may print. */
  readonly onTaskDefinition?: OnTaskDefinition
  readonly onBuildLine: (line: string) => void
  readonly onRetry: (operation: string, reason: string, pauseMs: number) => void
}

/** A cancelled run is to be over within 5 seconds, and a write that is under way may have taken three of them. */
const PARTING_MS = 1_800
const PARTING_CALLS = { answerTimeoutMs: 1_500, partingMs: 0, attempts: 1 }

/** The world as it is: AWS, this machine's files, Docker, git and clock. */
export function createWorld(options: WorldOptions): World {
  const { region, signal, attempts, onRetry } = options
  const policy = (of: string): CallPolicy => ({ clock: wallClock, region: of, signal, attempts, onRetry })
  return {
    region,
    endpointHost: endpointHostOf(options.environment),
    signal,
    clock: wallClock,
    files: createFiles(options.workspace, options.temporaryDirectory),
    saveState: options.saveState,
    addMask: options.addMask,
    async ecs() {
      const { createEcs } = await import('./io/aws/ecs.ts')
      return createEcs(policy(region), options.onTaskDefinition)
    },
    async partingEcs() {
      const { createEcs } = await import('./io/aws/ecs.ts')
      const hasty = { ...policy(region), signal: cancelledIn(PARTING_MS), ...PARTING_CALLS }
      return createEcs(hasty, options.onTaskDefinition)
    },
    async ecr(ofRegion, account) {
      const { createEcr } = await import('./io/aws/ecr.ts')
      return createEcr(policy(ofRegion), account)
    },
    async repositories(ofRegion, account) {
      const { createRepositories } = await import('./io/aws/repository.ts')
      return createRepositories(policy(ofRegion), account)
    },
    async scans(ofRegion, account) {
      const { createScans } = await import('./io/aws/scan.ts')
      return createScans(policy(ofRegion), account)
    },
    async scaling() {
      const { createScaling } = await import('./io/aws/scaling.ts')
      return createScaling(policy(region))
    },
    async logs() {
      const { createLogs } = await import('./io/aws/logs.ts')
      return createLogs(policy(region))
    },
    async alarms() {
      const { createAlarms } = await import('./io/aws/alarms.ts')
      return createAlarms(policy(region))
    },
    async registry() {
      const [{ createRegistry }, { dockerCredentials }] = await Promise.all([
        import('./io/registry/registry.ts'),
        import('./io/registry/credentials.ts')
      ])
      const findCredentials = dockerCredentials(options.environment)
      return createRegistry({ clock: wallClock, findCredentials, onSecret: options.addMask, onRetry })
    },
    async docker() {
      const { createDocker } = await import('./io/docker.ts')
      const { DOCKER_SESSION_STATE } = await import('./io/docker/session.ts')
      return createDocker({
        workspace: options.workspace,
        temporary: options.temporaryDirectory,
        environment: options.environment,
        builderId: options.runUrl,
        onDirectory: path => {
          options.saveState(DOCKER_SESSION_STATE, path)
        },
        onLine: options.onBuildLine
      })
    },
    async workspaceFiles() {
      const { createWorkspaceFiles } = await import('./io/workspace-files.ts')
      return createWorkspaceFiles(options.workspace, options.environment)
    },
    async git(path) {
      const { createGit, findCheckout } = await import('./io/git.ts')
      const { directory } = await findCheckout(path, options.workspace, options.environment, signal)
      return createGit(directory, options.environment, signal)
    },
    async checkout(path) {
      const { findCheckout } = await import('./io/git.ts')
      return findCheckout(path, options.workspace, options.environment, signal)
    }
  }
}
