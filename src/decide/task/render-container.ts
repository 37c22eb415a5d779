import { Failure } from '../../failure.ts'
import type { Assignment } from './assignments.ts'
import { isList, isObject, memberOf, textAt, withMember } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import { quoted } from '../wording.ts'

/** What the user wants different in each of the chosen containers. */
export interface ContainerChanges {
  readonly environment?: readonly Assignment[]
  readonly secrets?: readonly Assignment[]
  /** ARNs of environment files in S3; they replace the list. */
  readonly environmentFiles?: readonly string[]
  readonly dockerLabels?: readonly Assignment[]
  readonly logDriver?: string
  readonly logOptions?: readonly Assignment[]
  readonly command?: readonly string[]
}

/** A container definition with the changes and otherwise as it was; entries that stay keep their order. */
export function renderContainer(
  container: JsonObject,
  image: string | undefined,
  changes: ContainerChanges
): JsonObject {
  let rendered = container
  if (image !== undefined) rendered = withMember(rendered, 'image', image)
  if (changes.command !== undefined) rendered = withMember(rendered, 'command', changes.command)
  if (changes.environmentFiles !== undefined) {
    const files = changes.environmentFiles.map(value => ({ value, type: 's3' }))
    rendered = withMember(rendered, 'environmentFiles', files)
  }
  const { environment = [], secrets = [] } = changes
  // A name is either a variable or a secret: ECS refuses a container where it is both.
  const environmentChanges = [...environment, ...removalsOf(secrets, environment)]
  const secretChanges = [...secrets, ...removalsOf(environment, secrets)]
  rendered = withEntries(rendered, 'environment', 'value', environmentChanges)
  rendered = withEntries(rendered, 'secrets', 'valueFrom', secretChanges)
  rendered = withTexts(rendered, 'dockerLabels', changes.dockerLabels ?? [])
  return withLogConfiguration(rendered, changes)
}

function removalsOf(assignments: readonly Assignment[], other: readonly Assignment[]): Assignment[] {
  const known = new Set(other.map(({ name }) => name))
  return assignments
    .filter(({ kind, name }) => kind === 'set' && !known.has(name))
    .map(({ name }) => ({ kind: 'remove', name }))
}

/** Sets and removes entries of a list of `{name, …}` objects. */
function withEntries(
  container: JsonObject,
  member: string,
  valueMember: string,
  assignments: readonly Assignment[]
): JsonObject {
  if (assignments.length === 0) return container
  const before = memberOf(container, member)
  const wanted = new Map(assignments.map(assignment => [assignment.name, assignment]))
  const placed = new Set<string>()
  const entries: Json[] = []
  for (const entry of isList(before) ? before : []) {
    const name = isObject(entry) ? textAt(entry, 'name') : undefined
    const assignment = name === undefined ? undefined : wanted.get(name)
    if (!isObject(entry) || assignment === undefined) entries.push(entry)
    // A name that was there twice is set once: nobody knows which of the two ECS would take.
    else if (assignment.kind === 'set' && !placed.has(assignment.name)) {
      entries.push(withMember(entry, valueMember, assignment.value))
      placed.add(assignment.name)
    }
  }
  for (const assignment of assignments) {
    if (assignment.kind === 'set' && !placed.has(assignment.name)) {
      entries.push({ name: assignment.name, [valueMember]: assignment.value })
    }
  }
  return isList(before) || entries.length > 0 ? withMember(container, member, entries) : container
}

/** Sets and removes members of an object of texts. */
function withTexts(container: JsonObject, member: string, assignments: readonly Assignment[]): JsonObject {
  if (assignments.length === 0) return container
  const before = memberOf(container, member)
  const texts = new Map(Object.entries(isObject(before) ? before : {}))
  for (const assignment of assignments) {
    if (assignment.kind === 'set') texts.set(assignment.name, assignment.value)
    else texts.delete(assignment.name)
  }
  return isObject(before) || texts.size > 0 ? withMember(container, member, Object.fromEntries(texts)) : container
}

function withLogConfiguration(container: JsonObject, changes: ContainerChanges): JsonObject {
  const { logDriver, logOptions = [] } = changes
  if (logDriver === undefined && logOptions.length === 0) return container
  const before = memberOf(container, 'logConfiguration')
  let configuration = isObject(before) ? before : {}
  if (logDriver !== undefined) configuration = withMember(configuration, 'logDriver', logDriver)
  configuration = withTexts(configuration, 'options', logOptions)
  if (!isObject(before) && logDriver === undefined) {
    const name = quoted(textAt(container, 'name') ?? '')
    throw new Failure('invalid-input', `input log-configuration-options: container ${name} has no log driver`, {
      remedy: 'give log-configuration-log-driver too'
    })
  }
  return withMember(container, 'logConfiguration', configuration)
}
