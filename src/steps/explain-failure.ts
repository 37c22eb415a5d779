import { readContainerFacts, type ContainerFacts } from '../decide/service/diagnosis/container-facts.ts'
import { diagnose, type Diagnosis, type Suspect } from '../decide/service/diagnosis/diagnosis.ts'
import { logEvidence, type ReadLog } from '../decide/service/diagnosis/log-evidence.ts'
import { redact } from '../decide/service/diagnosis/redaction.ts'
import { symptomsOf } from '../decide/service/diagnosis/symptoms.ts'
import type { ServiceEvent } from '../decide/service/snapshot.ts'
import { clip } from '../decide/text.ts'
import { Failure, isAwsError, withRemedy } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'
import type { LogStream } from '../io/aws/logs.ts'
import type { World } from '../world.ts'

/** The deployment that did not end well. */
export interface FailedDeployment {
  readonly cluster: string
  readonly service: string
  readonly deploymentId: string
  readonly taskDefinitionArn: string
  /** Epoch seconds by the server's clock; events before it are about something else. */
  readonly since: number | undefined
  /** The service's events as last seen. */
  readonly events: readonly ServiceEvent[]
  /** What ECS itself says of the deployment. */
  readonly statusReason?: string | undefined
  /** How many of the last log lines of a failed container are read; 0 reads none. */
  readonly logLines: number
}

/** What could be found out about a failure. */
export interface Explanation {
  /** Undefined when nothing gives a reason. */
  readonly diagnosis: Diagnosis | undefined
  /**
   * What AWS and the containers said, and what could not be read: raw text of others, line by line, without the values of
   * the task definition's environment variables.
   */
  readonly evidence: readonly string[]
}

/** An event of CloudWatch Logs may hold a megabyte; of a line of JSON this is mostly all. */
const LONGEST_LOG_LINE = 1000

/** Finds out why the tasks of a deployment stopped. Best effort: what cannot be read costs a line, and it never throws. */
export async function explainFailure(world: World, ecs: EcsPort, failed: FailedDeployment): Promise<Explanation> {
  const { cluster, service, deploymentId, taskDefinitionArn, since = 0 } = failed
  const unread: string[] = []
  const stopped = await attempt('the stopped tasks', unread, () => ecs.stoppedTasks(cluster, service, deploymentId))
  const registered = await attempt('the task definition', unread, () => ecs.describeTaskDefinition(taskDefinitionArn))
  const facts = readContainerFacts(registered?.document ?? {})
  const events = failed.events.filter(({ createdAt }) => createdAt >= since)
  const symptoms = symptomsOf(facts, stopped ?? [], events)
  // An alarm or a hook ends a deployment whose tasks are well, and its event may be late.
  const first = diagnose(symptoms) ?? diagnose(symptomsOf(facts, stopped ?? [], asEvents(failed.statusReason)))
  // Without the task definition nobody knows where the containers log to.
  if (first === undefined || registered === undefined || first.suspects.length === 0 || failed.logLines === 0) {
    return { diagnosis: first, evidence: [...(first?.evidence ?? []), ...unread] }
  }
  const { logs, unread: unreadLogs } = await readLogs(world, first.suspects, facts, failed.logLines)
  // A log can name a cause that the exit code hides.
  const diagnosis = diagnose({ ...symptoms, logs }) ?? first
  return { diagnosis, evidence: [...diagnosis.evidence, ...unread, ...logEvidence(logs), ...unreadLogs] }
}

/** What ECS says of a deployment, as the event that says the same. */
function asEvents(statusReason: string | undefined): readonly ServiceEvent[] {
  if (statusReason === undefined) return []
  return [{ id: 'statusReason', createdAt: 0, message: `deployment failed: ${statusReason}` }]
}

/** The last lines of the suspects' logs, `logLines` of each, and what could not be read of them; never throws. */
export async function readLogs(
  world: World,
  suspects: readonly Suspect[],
  facts: ContainerFacts,
  logLines: number
): Promise<{ readonly logs: readonly ReadLog[]; readonly unread: readonly string[] }> {
  const logs: ReadLog[] = []
  const unread = new Set<string>()
  for (const suspect of suspects) {
    const { container } = suspect
    const stream = streamOf(suspect, facts)
    if (stream === undefined) {
      unread.add(`the log of container ${container} cannot be shown: it is not awslogs with a stream prefix`)
      continue
    }
    try {
      const port = await world.logs()
      const lines = await port.lastLines(stream, logLines)
      const shown = lines.map(line => clip(redact(line, facts.redactions), LONGEST_LOG_LINE))
      logs.push({ ...suspect, group: stream.group, lines: shown })
    } catch (error) {
      unread.add(unreadable(`the log of container ${container}`, error))
      // Another task may have a stream; what else keeps one log from being read keeps the next one too.
      if (!isAwsError(error, 'ResourceNotFoundException')) break
    }
  }
  return { logs, unread: [...unread] }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html (awslogs-stream-prefix) */
function streamOf({ container, taskId }: Suspect, facts: ContainerFacts): LogStream | undefined {
  const logs = facts.logs.get(container)
  if (logs?.streamPrefix === undefined) return undefined
  return { group: logs.group, stream: `${logs.streamPrefix}/${container}/${taskId}`, region: logs.region }
}

async function attempt<T>(subject: string, unread: string[], read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    unread.push(unreadable(subject, error))
    return undefined
  }
}

function unreadable(subject: string, error: unknown): string {
  return `${subject} could not be read: ${error instanceof Failure ? withRemedy(error) : String(error)}`
}
