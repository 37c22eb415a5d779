import { Failure } from '../../failure.ts'
import type { Assignment } from './assignments.ts'
import type { ContainerChoice } from './containers.ts'
import { containerNames } from './document.ts'
import type { TaskDefinitionDocument } from './document.ts'
import { isList, isObject, mapMembers, textAt, withMember } from '../json.ts'
import type { Json } from '../json.ts'
import { renderContainer } from './render-container.ts'
import type { ContainerChanges } from './render-container.ts'
import { cpuUnits, memoryMib } from './size.ts'
import { listed, quoted } from '../wording.ts'

/** What the user wants different in the next revision; a member that is absent changes nothing. */
export interface TaskDefinitionChanges extends ContainerChanges {
  /** The containers that the container-level changes apply to, each with its image if that changes too. */
  readonly containers: readonly ContainerChoice[]
  readonly taskRoleArn?: string
  readonly executionRoleArn?: string
  /** CPU units or vCPUs, as text: `256`, `.25 vCPU`. */
  readonly cpu?: string
  /** MiB or GB, as text: `512`, `0.5 GB`. */
  readonly memory?: string
  /** An environment variable of the chosen containers that names the version. */
  readonly versionVariable?: { readonly name: string; readonly value: string }
}

/**
 * The next revision: `base` with the changes and otherwise as it was. Never alters `base`. Fails with `invalid-input`
 * when the changes contradict each other, with `container-not-found` when a container is not there.
 */
export function renderTaskDefinition(
  base: TaskDefinitionDocument,
  changes: TaskDefinitionChanges
): TaskDefinitionDocument {
  const problems = contradictions(changes)
  if (problems.length > 0) throw new Failure('invalid-input', problems.join('; '))
  rejectAbsentContainers(base, changes)
  const { cpu, memory, taskRoleArn, executionRoleArn } = changes
  let document = renderContainers(base, changes)
  for (const [member, value] of Object.entries({ cpu, memory, taskRoleArn, executionRoleArn })) {
    if (value !== undefined) document = withMember(document, member, value)
  }
  return document
}

function renderContainers(base: TaskDefinitionDocument, changes: TaskDefinitionChanges): TaskDefinitionDocument {
  const choices = new Map(changes.containers.map(choice => [choice.name, choice]))
  const containerChanges = withVersion(changes)
  const render = (container: Json): Json => {
    const choice = isObject(container) ? choices.get(textAt(container, 'name') ?? '') : undefined
    return isObject(container) && choice !== undefined
      ? renderContainer(container, choice.image, containerChanges)
      : container
  }
  return mapMembers(base, (value, member) =>
    member === 'containerDefinitions' && isList(value) ? value.map(render) : value
  )
}

function withVersion(changes: TaskDefinitionChanges): ContainerChanges {
  const { versionVariable, environment = [] } = changes
  if (versionVariable === undefined) return changes
  return { ...changes, environment: [...environment, { kind: 'set', ...versionVariable }] }
}

/** What in the changes cannot be, alone or together, as sentences that name the inputs. */
export function contradictions(changes: TaskDefinitionChanges): readonly string[] {
  const problems: string[] = []
  const { cpu, memory, versionVariable, taskRoleArn, executionRoleArn } = changes
  const variables = namesSet(changes.environment ?? [])
  const secrets = namesSet(changes.secrets ?? [])
  const both = variables.filter(name => secrets.includes(name))
  if (both.length > 0) {
    problems.push(`inputs environment-variables and secrets both set ${listed(both)}; a name is one or the other`)
  }
  if (versionVariable !== undefined && [...variables, ...secrets].includes(versionVariable.name)) {
    problems.push(
      `input version-variable names ${quoted(versionVariable.name)}, which environment-variables or secrets set too`
    )
  }
  if (cpu !== undefined && cpuUnits(cpu) === undefined) {
    problems.push(`input cpu is ${quoted(cpu)}; write CPU units (256) or vCPUs (.25 vCPU)`)
  }
  if (memory !== undefined && memoryMib(memory) === undefined) {
    problems.push(`input memory is ${quoted(memory)}; write MiB (512) or GB (0.5 GB)`)
  }
  const roles = Object.entries({ 'task-role-arn': taskRoleArn, 'execution-role-arn': executionRoleArn })
  for (const [input, role] of roles) {
    if (role !== undefined && !isRole(role)) {
      problems.push(
        `input ${input} is ${quoted(role)}; write a role ARN (arn:aws:iam::ACCOUNT:role/NAME) or a role name`
      )
    }
  }
  return problems
}

/** ECS takes the name of a role in the same account as well as an ARN, of whatever partition. */
function isRole(role: string): boolean {
  return /^(arn:aws[a-z-]*:iam::\d{12}:role\/([\w+=,.@-]+\/)*)?[\w+=,.@-]{1,64}$/.test(role)
}

function namesSet(assignments: readonly Assignment[]): readonly string[] {
  return assignments.filter(({ kind }) => kind === 'set').map(({ name }) => name)
}

function rejectAbsentContainers(base: TaskDefinitionDocument, { containers }: TaskDefinitionChanges): void {
  const names = containerNames(base)
  const absent = containers.map(({ name }) => name).filter(name => !names.includes(name))
  if (absent.length === 0) return
  throw new Failure(
    'container-not-found',
    `no container ${listed(absent)}; this task definition has ${listed(names)}`,
    { remedy: 'name containers of this task definition in container-name' }
  )
}
