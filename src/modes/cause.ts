import { shortArn } from '../decide/arn.ts'
import type { Diagnosis } from '../decide/service/diagnosis/diagnosis.ts'
import { plain } from '../decide/service/diagnosis/stop-rule.ts'
import type { ServiceEvent } from '../decide/service/snapshot.ts'
import { isTripped } from '../decide/service/status.ts'
import { describeMissing } from '../decide/service/waiting.ts'
import { beganAt } from '../decide/service/verdict.ts'
import { clip } from '../decide/text.ts'
import type { FailureCode } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import { explainFailure } from '../steps/explain-failure.ts'
import type { WatchVerdict } from '../steps/watch-deployment.ts'
import type { DeployRun } from './deploy.ts'
import type { Watched } from './ending.ts'

/** Why a deployment ended badly, in a sentence. */
export interface Cause {
  readonly sentence: string
  readonly code: FailureCode
  readonly remedy: string | undefined
}

/** Finds out why a deployment did not end well, and keeps the evidence for the report. */
export async function explain(run: DeployRun, ecs: EcsPort, watched: Watched): Promise<Cause> {
  const { mine, end } = watched
  const { verdict } = end
  const diagnosis =
    (await diagnose(run, ecs, watched, end.last?.service.events ?? [], reasonOf(verdict))) ??
    (verdict.kind === 'doomed' ? verdict.diagnosis : undefined)
  if (verdict.kind === 'timed-out') {
    return {
      sentence: outOfTime(watched, diagnosis),
      code: diagnosis?.code ?? 'timed-out',
      remedy: diagnosis?.remedy ?? 'raise wait-for-minutes if it only needs longer'
    }
  }
  const why = diagnosis?.sentence ?? reasonOf(verdict)
  // Somebody may have taken back what was well.
  const how = why === undefined && verdict.kind === 'rolled-back' ? 'was rolled back' : 'failed'
  return {
    sentence: `${shortArn(mine.taskDefinitionArn)} ${how}: ${said(why ?? 'ECS gave no reason')}`,
    code:
      diagnosis?.code ??
      (isTripped(end.last?.serviceDeployment?.circuitBreaker?.status) ? 'circuit-breaker' : 'deployment-failed'),
    remedy: diagnosis?.remedy ?? 'look at the stopped tasks and the events of the service in the console'
  }
}

function outOfTime({ mine, end, plan }: Watched, diagnosis: Diagnosis | undefined): string {
  const minutes = String(Math.round(plan.budgetMs / 6_000) / 10)
  const missing = withoutStop(describeMissing(mine.id, end.last))
  const why = diagnosis === undefined ? missing : `${withoutStop(diagnosis.sentence)}; ${missing}`
  const what = shortArn(mine.taskDefinitionArn)
  if (end.blindness === undefined) return `${what} did not finish within ${minutes} min (${mine.id}): ${why}`
  const blind = `${withoutStop(end.blindness)}; when it was last seen: ${why}`
  return `${what} was not seen to finish within ${minutes} min (${mine.id}): ${blind}`
}

/**
 * What the stopped tasks of a deployment, these events and the reason that ECS gives say of it, as far as they can be read.
 */
export async function diagnose(
  run: DeployRun,
  ecs: EcsPort,
  { cluster, service, mine }: Pick<Watched, 'cluster' | 'service' | 'mine'>,
  events: readonly ServiceEvent[],
  statusReason?: string
): Promise<Diagnosis | undefined> {
  const { diagnosis, evidence } = await explainFailure(run.world, ecs, {
    cluster,
    service: service.name,
    deploymentId: mine.id,
    taskDefinitionArn: mine.taskDefinitionArn,
    since: beganAt(mine),
    events,
    statusReason,
    logLines: run.inputs.logLines
  })
  if (evidence.length > 0) run.known.evidence = evidence
  return diagnosis
}

/** What ECS says of every deployment is no reason. */
const SAYS_NOTHING = /^ECS deployment \S+ (in progress|completed)\.?$/

/** What ECS itself says of the end. */
function reasonOf(verdict: WatchVerdict): string | undefined {
  if (!('reason' in verdict) || verdict.reason === undefined || SAYS_NOTHING.test(verdict.reason)) return undefined
  return verdict.reason
}

const LONGEST_REASON = 500

/** What ECS says, as a part of a sentence. */
export function said(reason: string): string {
  return withoutStop(clip(plain(reason), LONGEST_REASON))
}

/** A sentence that another part follows. */
export function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
