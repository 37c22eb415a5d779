import type { JsonObject } from '../decide/json.ts'
import {
  formatTaskDefinitionReference,
  parseTaskDefinitionReference,
  readTaskDefinitionSource,
  type TaskDefinitionReference
} from '../decide/task/arn.ts'
import { parseTaskDefinitionFile } from '../decide/task/document.ts'
import { toTags, type Tag } from '../decide/task/tags.ts'
import { quoted } from '../decide/task/wording.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { EcsPort, RegisteredTaskDefinition } from '../io/aws/ecs.ts'
import type { Files } from '../io/files.ts'

/** The task definition that the changes are applied to, with its tags. */
export interface BaseTaskDefinition {
  readonly document: JsonObject
  readonly tags: readonly Tag[]
  /** Where it comes from, for the log. */
  readonly from: string
}

/** A base that needs no AWS call, or the reference of one that does. */
export type BaseSource =
  | { readonly kind: 'read'; readonly base: BaseTaskDefinition }
  | { readonly kind: 'reference'; readonly reference: TaskDefinitionReference }
  /** What the service runs now. */
  | { readonly kind: 'service' }

/** Reads a task definition file before anything is called; a family stays a reference. */
export async function readBaseSource(
  files: Files,
  inputs: { readonly source: string; readonly family: string; readonly revision: string },
  emit: Emit
): Promise<BaseSource> {
  if (inputs.source === '') {
    if (inputs.family === '') return { kind: 'service' }
    const text = inputs.revision === '' ? inputs.family : `${inputs.family}:${inputs.revision}`
    return { kind: 'reference', reference: parseTaskDefinitionReference(text) }
  }
  const source = readTaskDefinitionSource(inputs.source)
  if (source.kind === 'reference') return source
  if (source.kind === 'file-or-reference' && !(await files.exists(source.path))) {
    return { kind: 'reference', reference: source.reference }
  }
  const { document, tags, notes } = parseTaskDefinitionFile(await files.read(source.path), source.path)
  for (const text of notes) emit({ kind: 'warning', text })
  return { kind: 'read', base: { document, tags, from: `the file ${source.path}` } }
}

/** Reads a registered revision; fails with `task-definition-not-found`. */
export async function describeTaskDefinition(ecs: EcsPort, reference: string): Promise<RegisteredTaskDefinition> {
  const found = await ecs.describeTaskDefinition(reference)
  if (found !== undefined) return found
  throw new Failure('task-definition-not-found', `there is no task definition ${quoted(reference)}`, {
    remedy: 'check the family, the revision and the region'
  })
}

/** The base that a source stands for; `current` is what the service runs now. */
export async function resolveBase(
  ecs: EcsPort,
  source: BaseSource,
  current: RegisteredTaskDefinition | undefined
): Promise<BaseTaskDefinition> {
  switch (source.kind) {
    case 'read':
      return source.base
    case 'reference':
      return asBase(await describeTaskDefinition(ecs, formatTaskDefinitionReference(source.reference)))
    case 'service':
      if (current !== undefined) return asBase(current)
      throw new Failure('invalid-input', 'there is neither a task definition nor a service to take it from', {
        remedy: "give 'task-definition' (a file, an ARN or a family), or 'service'"
      })
  }
}

function asBase(revision: RegisteredTaskDefinition): BaseTaskDefinition {
  return {
    document: revision.document,
    tags: toTags([...revision.tags]),
    from: `${revision.family}:${String(revision.revision)}`
  }
}
