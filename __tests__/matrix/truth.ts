import type { Ending } from '../../src/modes/ending.ts'
import type { Place } from './place.ts'
import type { Told } from './process.ts'
import { allTags, digestNamed, digestsRunning, startedBetween, type Snapshot } from './snapshot.ts'

/** A run that ended, and the world before and after it. */
export interface Ended {
  readonly place: Place
  readonly told: Told
  readonly ending: Ending
  readonly before: Snapshot
  readonly after: Snapshot
}

/** What a run told that is not so. */
export function untruths(ended: Ended): readonly string[] {
  const { ending } = ended
  const told = `${ending.outcome}: ${ending.reason}`
  const wrong = [...aboutItself(ended), ...(isOfService(ended) ? aboutService(ended) : aboutFilesAndTags(ended))]
  return wrong.map(sentence => `it told '${told}', but ${sentence}`)
}

function isOfService({ place }: Ended): boolean {
  return place.scene.ends.runs !== undefined
}

function aboutItself({ told, ending }: Ended): readonly string[] {
  if (ending.reasonCode === 'internal-error') return ['that is a bug']
  if (ending.outcome === 'cancelled' && !told.isCancelled) return ['nobody cancelled it']
  return []
}

function aboutService(ended: Ended): readonly string[] {
  const { ending, before, after, told } = ended
  const started = startedBetween(before, after)
  const [primary] = after.service.deployments
  switch (ending.outcome) {
    case 'succeeded': {
      const mine = after.service.serviceDeployments.find(({ deploymentId }) => deploymentId === told.known.deploymentId)
      if (mine?.ending !== 'COMPLETED') return [`its deployment is ${mine?.ending ?? 'none'}`]
      if (primary?.id !== mine.deploymentId) return ['another deployment is PRIMARY']
      return runs(ended, 'new')
    }
    case 'unchanged':
      return [...runs(ended, 'new'), ...(started.length > 0 ? ['it started a deployment'] : [])]
    case 'rolled-back':
      if (primary?.taskDefinition === told.known.taskDefinitionArn) return ['the failed revision is PRIMARY']
      return runs(ended, 'old')
    case 'planned':
    case 'registered':
    case 'rejected':
    case 'invalid':
      return started.length > 0 ? ['it started a deployment'] : []
    case 'rollback-failed':
      return runs(ended, 'old').length === 0 && after.service.deployments.length === 1 ? ['it is back'] : []
    case 'failed':
    case 'cancelled':
    case 'timed-out':
      return aboutWhatIsLeft(ended)
    case 'superseded':
    case 'unproven':
      return ['nothing of that kind happened']
  }
}

/** Whoever does not end well says what is left behind. */
function aboutWhatIsLeft({ ending, told, before, after }: Ended): readonly string[] {
  const started = startedBetween(before, after)
  const isTold = (id: string): boolean => told.known.deploymentId === id || ending.reason.includes(id)
  const isSuspected = /may have started|was sent|deployed again/.test(ending.reason)
  const untold = started.filter(({ deploymentId }) => !isTold(deploymentId) && !isSuspected)
  const ids = new Set(after.service.serviceDeployments.map(({ deploymentId }) => deploymentId))
  const invented = (ending.reason.match(/ecs-svc\/\d+/g) ?? []).filter(id => !ids.has(id))
  const undone = started.filter(({ status }) => /^(STOP|ROLLBACK)_/.test(status))
  const wasAsked = told.calls.some(({ operation }) => operation === 'ecs:StopServiceDeployment')
  return [
    ...untold.map(({ deploymentId }) => `${deploymentId} was started`),
    ...invented.map(id => `there is no ${id}`),
    ...(wasAsked && ending.reason.includes('is left running') ? undone.map(({ status }) => `it is ${status}`) : [])
  ]
}

function runs({ place, after }: Ended, which: 'new' | 'old'): readonly string[] {
  const wanted = digestNamed(place, after, which === 'old' ? 'main-1111111' : (place.scene.ends.image ?? ''))
  const running = digestsRunning(after)
  if (running.length > 0 && running.every(digest => digest === wanted)) return []
  return [`what runs is ${running.join(', ') || 'nothing'}, not ${wanted}`]
}

function aboutFilesAndTags(ended: Ended): readonly string[] {
  const { ending, before, after, place } = ended
  const isChanged =
    JSON.stringify([...allTags(before)]) !== JSON.stringify([...allTags(after)]) ||
    JSON.stringify(before.files) !== JSON.stringify(after.files)
  switch (ending.outcome) {
    case 'succeeded':
    case 'unchanged':
      return missing(place, after)
    case 'rejected':
    case 'invalid':
    case 'planned':
      return isChanged ? ['it changed something'] : []
    case 'failed':
    case 'cancelled':
      return []
    case 'registered':
    case 'rollback-failed':
    case 'rolled-back':
    case 'superseded':
    case 'timed-out':
    case 'unproven':
      return ['nothing of that kind happened']
  }
}

/** What a job that ended well should have left, and did not. */
export function missing(place: Place, after: Snapshot): readonly string[] {
  const { tags, markers, files } = place.scene.ends
  const there = allTags(after)
  const wrongTags = Object.entries({ ...tags, ...markers })
    .filter(([tag, as]) => there.get(tag) !== digestNamed(place, after, as))
    .map(([tag]) => `the tag ${tag} is not there`)
  const wrongFiles = Object.entries(files?.(after.state) ?? {})
    .filter(([path, text]) => after.files[path] !== text)
    .map(([path]) => `${path} is not as it should be`)
  return [...wrongTags, ...wrongFiles]
}
