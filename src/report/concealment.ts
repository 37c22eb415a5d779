import type { JsonObject } from '../decide/json.ts'
import { withoutLogins } from '../decide/login.ts'
import { readRedactions, redactionsOf, redactor, type Redaction } from '../decide/service/diagnosis/redaction.ts'
import type { Event } from '../event.ts'
import type { Knowledge, MirroredImage, RunResult } from '../outcome.ts'

/** What nobody may read in a report: everything that is printed, annotated, put out and summarised passes through it. */
export interface Concealment {
  /** From now on the names of a task definition's variables stand for their values; the variable `open` is no secret. */
  learnValues(taskDefinition: JsonObject, open?: string): void
  /** From now on `***` stands for a password or a token. */
  learnSecret(secret: string): void
  event(event: Event): Event
  result(result: RunResult): RunResult
}

/** Shorter ones are found in any sentence. */
const SHORTEST_SECRET = 4

/** What is learnt is hidden in the words of others and of this run; what `known` names, as the service, stays readable. */
export function createConcealment(known: Knowledge): Concealment {
  const learnt = new Map<string, Redaction>()
  let hiding: { readonly names: string; readonly learnt: number; readonly hide: (text: string) => string } | undefined

  function learn(redactions: readonly Redaction[]): void {
    for (const redaction of redactions) if (!learnt.has(redaction.value)) learnt.set(redaction.value, redaction)
  }

  function hide(text: string): string {
    const names = namesIn(known)
    if (hiding?.names !== names || hiding.learnt !== learnt.size) {
      const hidden = [...learnt.values()].filter(({ value }) => !names.includes(value))
      hiding = { names, learnt: learnt.size, hide: redactor(hidden) }
    }
    // A value is named by its variable, also when it is a URL.
    return withoutLogins(hiding.hide(text))
  }

  return {
    learnValues(taskDefinition, open) {
      const isOpen = open === undefined ? undefined : `\${${open}}`
      learn(readRedactions(taskDefinition).filter(({ shown, isWord }) => !isWord && shown !== isOpen))
    },

    learnSecret(secret) {
      learn(redactionsOf(secret, '***').filter(({ value }) => value.length >= SHORTEST_SECRET))
    },

    event: event => hideInEvent(event, hide),
    result: result => hideInResult(result, hide)
  }
}

/** The names that a run is about; a variable that has one of them as its value tells nothing. */
function namesIn(known: Knowledge): string {
  const { cluster, service, region, image, imageDigest, imageTags, version, consoleUrl, deploymentId } = known
  const { taskDefinitionArn, previousTaskDefinitionArn } = known
  return [
    ...[cluster, service, region, image, imageDigest, ...(imageTags ?? []), version, consoleUrl, deploymentId],
    ...[taskDefinitionArn, previousTaskDefinitionArn]
  ].join('\n')
}

/** What is said in sentences; names and numbers stand in members of their own. */
function hideInEvent(event: Event, hide: (text: string) => string): Event {
  switch (event.kind) {
    case 'note':
    case 'warning':
      return { ...event, text: hide(event.text) }
    case 'build-output':
      return { ...event, line: hide(event.line) }
    case 'revision-changes':
      return { ...event, changes: event.changes.map(hide) }
    case 'service-event':
      return { ...event, message: hide(event.message) }
    case 'tasks-failing':
      return { ...event, diagnosis: { ...event.diagnosis, sentence: hide(event.diagnosis.sentence) } }
    case 'still-waiting':
    case 'turned-red':
    case 'poll-failed':
    case 'retry':
      return { ...event, reason: hide(event.reason) }
    case 'awaiting-approval':
    case 'copy-progress':
    case 'copy-started':
    case 'deployment-started':
    case 'image-built':
    case 'image-copied':
    case 'image-found':
    case 'image-kept':
    case 'phase':
    case 'progress':
    case 'revision-registered':
    case 'revision-reused':
    case 'scaling-restored':
    case 'scaling-suspended':
    case 'service-found':
    case 'tag-kept':
    case 'tag-put':
    case 'task-proven':
      return event
  }
}

function hideInResult(result: RunResult, hide: (text: string) => string): RunResult {
  const { remedy, evidence, changes, scans, autoScaling, images } = result
  return {
    ...result,
    reason: hide(result.reason),
    ...(remedy !== undefined && { remedy: hide(remedy) }),
    ...(evidence && { evidence: evidence.map(hide) }),
    ...(changes && { changes: changes.map(hide) }),
    ...(scans && { scans: scans.map(hide) }),
    ...(autoScaling !== undefined && { autoScaling: hide(autoScaling) }),
    ...(images && { images: images.map(image => hideInImage(image, hide)) })
  }
}

function hideInImage(image: MirroredImage, hide: (text: string) => string): MirroredImage {
  return image.reason === undefined ? image : { ...image, reason: hide(image.reason) }
}
