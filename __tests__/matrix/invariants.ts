import { refusalIn, type Accident } from './accident.ts'
import type { Mishap } from './gate.ts'
import type { Place } from './place.ts'
import type { PostTold, Told } from './process.ts'
import {
  allTags,
  digestNamed,
  digestsRunning,
  isTemporary,
  registeredBetween,
  startedBetween,
  type Snapshot
} from './snapshot.ts'

/** What must hold at every moment, whatever happened between two of them. */
export function damage(place: Place, before: Snapshot, after: Snapshot): readonly string[] {
  return [...movedTags(place, before, after), ...lostTasks(place, after), ...surplus(before, after)]
}

/** Auto scaling is as it was. */
export function scalingDamage(before: Snapshot, after: Snapshot): readonly string[] {
  const was = JSON.stringify(before.state.scaling)
  const is = JSON.stringify(after.state.scaling)
  return was === is ? [] : [`auto scaling was ${was} and is ${is}`]
}

/**
 * The post step has put back what main left, or says with the command how to do it: in red, or, when it is killed, before
 * it begins.
 */
export function leftByPost(
  { isKilled, isRed, log }: PostTold,
  mishap: Mishap | undefined,
  before: Snapshot,
  after: Snapshot
): readonly string[] {
  const left = scalingDamage(before, after)
  const isTold = log.some(line => line.includes(commandFor(before)))
  if (mishap === undefined) return [...left, ...(isRed ? ['it is red'] : [])]
  if (left.length === 0) return isRed && !isTold ? ['it is red and does not say what to do'] : []
  return [
    ...(isTold ? [] : [...left, 'and no line has the command that puts it back']),
    ...(isKilled || isRed ? [] : [...left, 'and it is green'])
  ]
}

/** A suspension that a lost job left is told by the next one that deploys, with the command that ends it. */
export function untoldSuspension({ calls, log }: Told, before: Snapshot, left: Snapshot): readonly string[] {
  const isConcerned = calls.some(({ operation }) => operation === 'application-autoscaling:DescribeScalableTargets')
  if (!isConcerned || scalingDamage(before, left).length === 0) return []
  const isTold = log.some(line => line.includes('suspended already') && line.includes('register-scalable-target'))
  return isTold ? [] : ['it does not tell that auto scaling is suspended still']
}

/** What puts the one scalable target back to what it was. */
function commandFor({ state }: Snapshot): string {
  const { scalableTargets } = state.scaling as unknown as {
    readonly scalableTargets: readonly { readonly suspended: Readonly<Record<string, boolean>> }[]
  }
  const [target] = scalableTargets
  const flags = [
    `DynamicScalingInSuspended=${String(target?.suspended['dynamicScalingInSuspended'])}`,
    `DynamicScalingOutSuspended=${String(target?.suspended['dynamicScalingOutSuspended'])}`,
    `ScheduledScalingSuspended=${String(target?.suspended['scheduledScalingSuspended'])}`
  ]
  return `--resource-id service/prod/web --suspended-state ${flags.join(',')}`
}

function movedTags(place: Place, before: Snapshot, after: Snapshot): readonly string[] {
  const { tags, markers = {} } = place.scene.ends
  const was = allTags(before)
  const is = allTags(after)
  const moved = [...was]
    .filter(([tag, digest]) => is.get(tag) !== digest && markers[tag] === undefined)
    .map(([tag, digest]) => `the tag ${tag} was on ${digest} and is on ${is.get(tag) ?? 'nothing'}`)
  const wrong = [...is]
    .filter(([tag, digest]) => !was.has(tag) && !(isTemporary(tag) && place.built.includes(digest)))
    .flatMap(([tag, digest]) => {
      const as = tags[tag] ?? markers[tag]
      return as !== undefined && digestNamed(place, after, as) === digest ? [] : [`the tag ${tag} is on ${digest}`]
    })
  return [...moved, ...wrong]
}

/** The service never runs fewer good tasks than it should. */
function lostTasks(place: Place, after: Snapshot): readonly string[] {
  const { runs, image = '' } = place.scene.ends
  const broken = runs === 'old' && place.scene.ends.first !== 'registered' && place.scene.ends.first !== 'planned'
  const bad = broken ? digestNamed(place, after, image) : undefined
  const good = digestsRunning(after).filter(digest => digest !== bad)
  if (good.length >= after.service.desiredCount) return []
  return [`only ${String(good.length)} of ${String(after.service.desiredCount)} tasks run`]
}

/** One deployment at most for a revision, and one revision at most; none takes the place of one that does the same. */
function surplus(before: Snapshot, after: Snapshot): readonly string[] {
  const all = after.service.serviceDeployments
  const replaced = all.filter(({ taskDefinition, supersededBy }) =>
    all.some(other => other.deploymentId === supersededBy && other.taskDefinition === taskDefinition)
  )
  const started = startedBetween(before, after).map(({ taskDefinition }) => taskDefinition)
  const twice = started.filter((arn, index) => started.indexOf(arn) !== index)
  const registered = registeredBetween(before, after)
  return [
    ...twice.map(arn => `${arn} was deployed more than once`),
    ...replaced.map(({ deploymentId }) => `${deploymentId} was under way and was started once more`),
    ...(registered > 1 ? [`${String(registered)} revisions were registered`] : [])
  ]
}

/** Once a job is cancelled, nothing new is started. */
export function lateCalls({ calls }: Told): readonly string[] {
  return calls.filter(({ isLate }) => isLate).map(({ operation }) => `${operation} went out after the cancellation`)
}

/** Codes of failures that are about a call. */
const ABOUT_A_CALL = new Set(['access-denied', 'credentials', 'throttled', 'aws-error', 'network', 'registry-error'])

/** Whoever fails because of a call names it, and the right that is missing; in some scenes another call fails anyway. */
export function unnamedCall(
  { scene: { faults = [] } }: Place,
  { ending, struck: operation = '' }: Told,
  accident: Accident
): readonly string[] {
  if (ending?.reasonCode === undefined || !ABOUT_A_CALL.has(ending.reasonCode)) return []
  if (operation.startsWith('registry:')) return []
  const text = `${ending.reason} ${ending.remedy ?? ''}`
  if (faults.some(fault => text.includes(fault.operation))) return []
  const refusal = refusalIn(accident)
  const isDenied = refusal?.error === 'AccessDeniedException'
  const isEverything = refusal?.calls === 'everything'
  const name = isDenied ? operation : operation.slice(operation.indexOf(':') + 1)
  return isEverything || text.includes(name) ? [] : [`'${text}' does not name ${name}`]
}
