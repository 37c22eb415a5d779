import { Failure } from '../../failure.ts'
import { quoted } from '../wording.ts'

/** A task definition by name; without a revision, the latest active one of its family. */
export interface TaskDefinitionReference {
  readonly family: string
  readonly revision?: number
  /** Where the ARN says it lies; absent when the text was no ARN. */
  readonly scope?: TaskDefinitionScope
}

/** Partition, region and account of an ARN. */
export interface TaskDefinitionScope {
  readonly partition: string
  readonly region: string
  readonly account: string
}

/** What the input `task-definition` may mean; where a file and a family are possible, the caller looks for the file. */
export type TaskDefinitionSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'reference'; readonly reference: TaskDefinitionReference }
  | { readonly kind: 'file-or-reference'; readonly path: string; readonly reference: TaskDefinitionReference }

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html (family) */
const NAME = /^(?<family>[A-Za-z0-9_-]{1,255})(?::(?<revision>[1-9]\d{0,9}))?$/

const ARN = /^arn:(?<partition>aws[a-z-]*):ecs:(?<region>[a-z0-9-]+):(?<account>\d{12}):task-definition\/(?<name>.+)$/

/** Reads an ARN of any partition, `family:revision`, or `family`. Fails with `invalid-input`. */
export function parseTaskDefinitionReference(text: string): TaskDefinitionReference {
  const trimmed = text.trim()
  if (!trimmed.startsWith('arn:')) {
    const named = readName(trimmed)
    if (named !== undefined) return named
    throw refusal(`${quoted(text)} is no task definition`, 'write family, family:revision, or a task definition ARN')
  }
  const { partition, region, account, name } = ARN.exec(trimmed)?.groups ?? {}
  const named = name === undefined ? undefined : readName(name)
  if (named === undefined || partition === undefined || region === undefined || account === undefined) {
    throw refusal(
      `${quoted(text)} is no task definition ARN`,
      'write arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION'
    )
  }
  return { ...named, scope: { partition, region, account } }
}

/** Writes a reference the way the API takes it. */
export function formatTaskDefinitionReference({ family, revision, scope }: TaskDefinitionReference): string {
  const name = revision === undefined ? family : `${family}:${revision}`
  if (scope === undefined) return name
  return `arn:${scope.partition}:ecs:${scope.region}:${scope.account}:task-definition/${name}`
}

/** Tells what the input `task-definition` can mean. Fails with `invalid-input`. */
export function readTaskDefinitionSource(text: string): TaskDefinitionSource {
  const trimmed = text.trim()
  if (trimmed === '') throw refusal('the task definition is empty', 'name a file, a family, or an ARN')
  if (trimmed.startsWith('arn:')) return { kind: 'reference', reference: parseTaskDefinitionReference(trimmed) }
  const reference = readName(trimmed)
  if (reference === undefined) return { kind: 'file', path: trimmed }
  // A family has neither a dot nor a slash, but a file need not have them either.
  return { kind: 'file-or-reference', path: trimmed, reference }
}

function readName(name: string): TaskDefinitionReference | undefined {
  const { family, revision } = NAME.exec(name)?.groups ?? {}
  if (family === undefined) return undefined
  return revision === undefined ? { family } : { family, revision: Number(revision) }
}

function refusal(sentence: string, remedy: string): Failure {
  return new Failure('invalid-input', sentence, { remedy })
}
