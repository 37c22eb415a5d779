import { AwsError, type JsonObject } from '../../protocol/operation.ts'
import { ecsArn, lastSegment, type Arns } from './arn.ts'
import { textOf } from './json.ts'
import type { TaskDefinition } from './model.ts'
import { normaliseTaskDefinition, readContainers } from './normalise.ts'

/** Every revision of every family, deregistered ones too. */
export class TaskDefinitions {
  readonly #arns: Arns
  readonly #families = new Map<string, TaskDefinition[]>()

  constructor(arns: Arns) {
    this.#arns = arns
  }

  /** Adds a revision of a document that has passed validation. */
  register(input: JsonObject, now: number): TaskDefinition {
    const { tags: _, ...registered } = input
    const family = textOf(registered.family) ?? ''
    const revisions = this.#families.get(family) ?? []
    const document = normaliseTaskDefinition(registered)
    const revision = revisions.length + 1
    const definition: TaskDefinition = {
      arn: ecsArn(this.#arns, 'task-definition', `${family}:${String(revision)}`),
      family,
      revision,
      document,
      containers: readContainers(document),
      registeredAt: now,
      deregisteredAt: undefined,
      status: 'ACTIVE'
    }
    this.#families.set(family, [...revisions, definition])
    return definition
  }

  /** By ARN, `family:revision`, or `family` for its latest ACTIVE revision. */
  find(reference: string): TaskDefinition | undefined {
    const isArn = reference.startsWith('arn:')
    const [family = '', revision] = (isArn ? lastSegment(reference) : reference).split(':')
    const revisions = this.#families.get(family) ?? []
    const found =
      revision === undefined
        ? revisions.findLast(candidate => candidate.status === 'ACTIVE')
        : revisions.find(candidate => String(candidate.revision) === revision)
    return isArn && found?.arn !== reference && revision !== undefined ? undefined : found
  }

  /** Every revision, families in the order of their names, oldest revision first. */
  all(): readonly TaskDefinition[] {
    return [...this.#families.keys()].toSorted().flatMap(family => this.#families.get(family) ?? [])
  }

  /** Makes a revision INACTIVE; services that run it keep it. */
  deregister(reference: string, now: number): TaskDefinition {
    const revision = lastSegment(reference).split(':')[1]
    if (revision === undefined || revision === '') throw new AwsError('ClientException', 'Revision is missing.')
    if (!/^\d+$/.test(revision)) {
      throw new AwsError('InvalidParameterException', `Invalid revision number. Number: ${revision}`)
    }
    const definition = this.find(reference)
    if (definition === undefined) {
      throw new AwsError('ClientException', 'The specified task definition does not exist.')
    }
    definition.status = 'INACTIVE'
    definition.deregisteredAt ??= now
    return definition
  }
}
