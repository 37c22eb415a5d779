import type { JsonObject } from '../decide/json.ts'
import {
  formatTaskDefinitionReference,
  type TaskDefinitionReference,
  type TaskDefinitionSource
} from '../decide/task/arn.ts'
import { toTags, type Tag } from '../decide/task/tags.ts'
import { quoted } from '../decide/wording.ts'
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

/** Reads a task definition file before anything is called; what is no file stays a reference. */
export async function readBaseSource(
  files: Files,
  named: TaskDefinitionSource | { readonly kind: 'service' },
  emit: Emit
): Promise<BaseSource> {
  if (named.kind === 'service' || named.kind === 'reference') return named
  if (named.kind === 'file-or-reference' && !(await files.exists(named.path))) {
    return { kind: 'reference', reference: named.reference }
  }
  const { document, tags, notes } = await files.readTaskDefinition(named.path)
  for (const note of notes) emit({ kind: 'warning', text: note })
  return { kind: 'read', base: { document, tags, from: `the file ${named.path}` } }
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
