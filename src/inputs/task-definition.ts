import {
  formatTaskDefinitionReference,
  parseTaskDefinitionReference,
  readTaskDefinitionSource,
  type TaskDefinitionReference,
  type TaskDefinitionSource
} from '../decide/task/arn.ts'
import { type Assignment, type NameRule, parseAssignments } from '../decide/task/assignments.ts'
import { parseCommand } from '../decide/task/command.ts'
import { type ContainerChoice, parseContainerChoices } from '../decide/task/containers.ts'
import { contradictions, type TaskDefinitionChanges } from '../decide/task/render.ts'
import { listed, quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { InputName } from './defaults.ts'
import { checkReference } from './image.ts'
import type { InputReader } from './reader.ts'

/** What the new revision is made from, and what is different in it. */
export interface TaskDefinitionInputs {
  /** `service`: what the service runs now. */
  readonly base: TaskDefinitionSource | { readonly kind: 'service' }
  /** The containers that were named; empty when that is left to the task definition. */
  readonly containers: readonly ContainerChoice[]
  /** All changes but the image's and the version variable's; an absent member changes nothing. */
  readonly changes: Omit<TaskDefinitionChanges, 'containers' | 'versionVariable'>
  readonly tags: readonly Assignment[]
  /** The environment variable that gets the version. */
  readonly versionVariable: string | undefined
  readonly mutableTags: MutableTagPolicy
}

/** What to do about containers whose image can change under their task definition. */
export interface MutableTagPolicy {
  readonly mode: 'error' | 'warn' | 'allow'
  /** References or repositories that may, `*` standing for any characters: `public.ecr.aws/datadog/*`. */
  readonly allowed: readonly string[]
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html */
const LOG_DRIVERS = ['awsfirelens', 'awslogs', 'fluentd', 'gelf', 'journald', 'json-file', 'splunk', 'syslog'] as const

/** Reads the inputs about the task definition. */
export function readTaskDefinitionInputs(reader: InputReader): TaskDefinitionInputs {
  const inputs: TaskDefinitionInputs = {
    base: readBase(reader),
    containers: readContainers(reader),
    changes: readChanges(reader),
    tags: readAssignments(reader, 'task-definition-tags', 'tag'),
    versionVariable: readVersionVariable(reader),
    mutableTags: {
      mode: reader.choice('mutable-tags', ['error', 'warn', 'allow']),
      allowed: reader.list('allowed-images')
    }
  }
  for (const sentence of contradictions(withVersionVariable(inputs))) reader.refuse(sentence)
  return inputs
}

function withVersionVariable({ changes, versionVariable }: TaskDefinitionInputs): TaskDefinitionChanges {
  // Only the variable's name can contradict another input; its value is not known yet.
  return {
    ...changes,
    containers: [],
    ...(versionVariable !== undefined && { versionVariable: { name: versionVariable, value: '' } })
  }
}

function readBase(reader: InputReader): TaskDefinitionInputs['base'] {
  const names: readonly InputName[] = ['task-definition', 'task-definition-arn', 'task-definition-family']
  const given = names.filter(name => reader.isSet(name))
  if (given.length > 1) reader.refuse(`inputs ${listed(given)} exclude each other; give one of them`)
  const source = reader.line('task-definition')
  const arn = reader.line('task-definition-arn')
  const reference =
    arn === '' ? readFamily(reader) : reader.parsed('task-definition-arn', () => parseTaskDefinitionArn(arn))
  const file = source === '' ? undefined : reader.parsed('task-definition', () => readTaskDefinitionSource(source))
  if (file !== undefined) return file
  return reference === undefined ? { kind: 'service' } : { kind: 'reference', reference }
}

function parseTaskDefinitionArn(text: string): TaskDefinitionReference {
  const reference = parseTaskDefinitionReference(text)
  if (reference.scope !== undefined) return reference
  throw new Failure('invalid-input', `${quoted(text)} is no ARN`, {
    remedy: 'write arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION, or use task-definition-family'
  })
}

function readFamily(reader: InputReader): TaskDefinitionReference | undefined {
  const text = reader.line('task-definition-family')
  const revision = reader.optionalNumber('task-definition-revision', { least: 1, most: 2_147_483_647, isWhole: true })
  if (text === '') {
    if (reader.isSet('task-definition-revision')) {
      reader.refuse('input task-definition-revision needs task-definition-family, whose revision it is')
    }
    return undefined
  }
  return reader.parsed('task-definition-family', () => {
    const family = parseTaskDefinitionReference(text)
    if (family.revision === undefined && family.scope === undefined) {
      return revision === undefined ? family : { ...family, revision }
    }
    throw new Failure('invalid-input', `${quoted(text)} is more than a family`, {
      remedy: `put ${quoted(formatTaskDefinitionReference(family))} into the input task-definition`
    })
  })
}

function readContainers(reader: InputReader): readonly ContainerChoice[] {
  const choices = reader.parsed('container-name', () => parseContainerChoices(reader.verbatim('container-name'))) ?? []
  for (const { image } of choices) {
    if (image !== undefined)
      reader.parsed('container-name', () => {
        checkReference(image)
      })
  }
  const sources = (['image', 'context'] as const).filter(name => reader.isSet(name))
  if (choices.length > 0 && sources.length > 0 && choices.every(({ image }) => image !== undefined)) {
    reader.refuse(
      `input ${listed(sources)} gives an image to no container, since container-name gives each its own; ` +
        'name one container without =image'
    )
  }
  return choices
}

function readChanges(reader: InputReader): TaskDefinitionInputs['changes'] {
  const command = reader.verbatim('command')
  const words = command === '' ? undefined : reader.parsed('command', () => parseCommand(command))
  const files = reader.list('env-files')
  for (const file of files) {
    if (!/^arn:aws[a-z-]*:s3:::[^/]+\/.+$/.test(file)) {
      reader.refuse(`input env-files has ${quoted(file)}; write ARNs of files in S3, as arn:aws:s3:::BUCKET/KEY`)
    }
  }
  const logDriver = reader.optionalChoice('log-configuration-log-driver', LOG_DRIVERS)
  const taskRoleArn = reader.optionalLine('task-role-arn')
  const executionRoleArn = reader.optionalLine('execution-role-arn')
  const cpu = reader.optionalLine('cpu')
  const memory = reader.optionalLine('memory')
  return {
    environment: readAssignments(reader, 'environment-variables'),
    secrets: readAssignments(reader, 'secrets'),
    dockerLabels: readAssignments(reader, 'docker-labels', 'option'),
    logOptions: readAssignments(reader, 'log-configuration-options', 'option'),
    ...(files.length > 0 && { environmentFiles: files }),
    ...(logDriver !== undefined && { logDriver }),
    ...(words !== undefined && { command: words }),
    ...(taskRoleArn !== undefined && { taskRoleArn }),
    ...(executionRoleArn !== undefined && { executionRoleArn }),
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory })
  }
}

function readAssignments(reader: InputReader, name: InputName, rule?: NameRule): readonly Assignment[] {
  return reader.parsed(name, () => parseAssignments(reader.verbatim(name), name, rule)) ?? []
}

function readVersionVariable(reader: InputReader): string | undefined {
  const name = reader.optionalLine('version-variable')
  if (name === undefined || /^[^\s=]+$/.test(name)) return name
  reader.refuse(`input version-variable is ${quoted(name)}; write the name of one environment variable`)
  return undefined
}
