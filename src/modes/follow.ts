import { watchBudgetMs } from '../decide/service/budget.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import type { WatchedDeployment } from '../decide/service/verdict.ts'
import { Failure, withRemedy } from '../failure.ts'
import type { ServiceInputs } from '../inputs/service.ts'
import type { EcsPort, RegisteredTaskDefinition } from '../io/aws/ecs.ts'
import { findPrevious } from '../steps/find-previous.ts'
import { hideValues } from '../steps/hide-values.ts'
import { startRollback } from '../steps/start-rollback.ts'
import type { Unwanted } from '../steps/stop-deployment.ts'
import { watchDeployment } from '../steps/watch-deployment.ts'
import { conclude } from './conclude.ts'
import { consoleUrl } from './console.ts'
import type { DeployRun } from './deploy.ts'
import type { Ending } from './ending.ts'
import { watchLifecycle, type Aside } from './fitness.ts'
import type { Prepared } from './prepare.ts'
import { remembering, standingOf, type Sight } from './sight.ts'

/** Which service is deployed to, what it runs now, and what it is to run. */
export interface Scene {
  readonly target: ServiceInputs
  readonly service: ServiceSnapshot
  /** When the service was read, in epoch milliseconds. */
  readonly observedAtMs: number
  readonly current: RegisteredTaskDefinition
  readonly prepared: Prepared
}

/** Watches a deployment to its end and concludes from it; a cancelled one is left, or undone where that was asked for. */
export async function follow(run: DeployRun, port: EcsPort, scene: Scene, mine: WatchedDeployment): Promise<Ending> {
  const { inputs, world, emit, known } = run
  const { target, service, prepared } = scene
  const seen: Sight = {}
  const hidden = hideValues(port, [prepared.rendered.document, scene.current.document])
  const ecs = remembering(hidden, mine, seen)
  known.deploymentId = mine.id
  known.consoleUrl = consoleUrl(world.region, service)
  if (mine.isAdopted) emit({ kind: 'note', text: known.consoleUrl })
  else emit({ kind: 'deployment-started', id: mine.id, consoleUrl: known.consoleUrl })
  if (!inputs.watch.isWanted) {
    return {
      outcome: 'unproven',
      reason: `${mine.id} was started and is not watched, because wait-for-service-stability is false`
    }
  }
  emit({ kind: 'phase', title: `Watching ${mine.id}` })
  const { pollMs, budgetMs } = inputs.watch
  const plan = {
    cluster: target.cluster,
    service: service.name,
    pollMs,
    budgetMs: watchBudgetMs(budgetMs, service.deploymentConfiguration),
    failsFast: true
  }
  const previousArn = await findPrevious(ecs, { cluster: target.cluster, before: service, deploymentId: mine.id })
  known.previousTaskDefinitionArn = previousArn
  const sinceMs = world.clock.now()
  let lifecycle: Aside | undefined
  try {
    const onPause = (): void => {
      lifecycle = watchLifecycle(run, prepared, scene.current.document)
    }
    const end = await watchDeployment(world, ecs, mine, { ...plan, onPause }, emit)
    const { expected } = prepared
    const { cluster } = plan
    return await conclude(run, ecs, { cluster, service, mine, previousArn, plan, sinceMs, end, seen, expected })
  } catch (error) {
    const mayUndo = inputs.watch.onCancel === 'rollback' && !mine.isAdopted
    if (world.signal.aborted && mayUndo) {
      const serviceDeploymentArn = seen.serviceDeployment?.arn
      await undoOnCancel(run, { mine, previousArn, serviceDeploymentArn, watch: plan, known }, seen)
    }
    const standing = standingOf(mine, seen)
    if (standing !== undefined) known.parting ??= standing
    throw error
  } finally {
    if (seen.serviceDeployment !== undefined) known.serviceDeploymentArn = seen.serviceDeployment.arn
    // Whatever the run comes to, nothing of it is told behind its report.
    await lifecycle?.end()
  }
}

/** Best effort within seconds: what cannot be undone is said to be left. */
async function undoOnCancel({ world, emit, known }: DeployRun, plan: Unwanted, seen: Sight): Promise<void> {
  try {
    await startRollback(remembering(await world.partingEcs(), plan.mine, seen), plan, emit)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const what =
      known.parting === undefined
        ? 'the deployment could not be rolled back'
        : 'whether the deployment is rolled back is not known'
    emit({ kind: 'warning', text: `${what}: ${withRemedy(error)}` })
  }
}
