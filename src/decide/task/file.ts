import { Failure } from '../../failure.ts'
import { conform } from './conform.ts'
import type { Findings, Remark } from './conform.ts'
import type { TaskDefinitionDocument } from './document.ts'
import { isObject, textAt } from '../json.ts'
import { READ_ONLY_MEMBERS, TASK_DEFINITION } from './model.ts'
import { readSource } from './source.ts'
import { SourceError } from './source-tree.ts'
import type { Position, SourceMember, SourceNode, SourceObject } from './source-tree.ts'
import { structuralProblems } from './structure.ts'
import { toTags } from './tags.ts'
import type { Tag } from './tags.ts'

/** A task definition file after reading. */
export interface ParsedTaskDefinition {
  readonly document: TaskDefinitionDocument
  readonly tags: readonly Tag[]
  /** What was understood, kept or left out other than its author may think, one sentence each; never a value. */
  readonly notes: readonly string[]
}

/**
 * Reads a task definition file: JSON, JSON with comments, YAML, or the output of `describe-task-definition` in any
 * of them. `family` stands in when the file has none. Fails with `invalid-task-definition`, all problems at once.
 */
export function parseTaskDefinitionFile(text: string, path: string, family?: string): ParsedTaskDefinition {
  const { root, notes } = unwrap(read(text, path), path)
  const findings: Findings = { notes, problems: [] }
  findings.problems.push(...structuralProblems(root, family !== undefined))
  const kept = { ...root, members: withoutReadOnly(root, notes) }
  const parsed = conform(kept, TASK_DEFINITION, '', findings)
  if (findings.problems.length > 0 || !isObject(parsed)) throw refusal(path, findings.problems)
  const { tags, ...document } = parsed
  return {
    document: family !== undefined && textAt(document, 'family') === undefined ? { ...document, family } : document,
    tags: toTags(tags),
    notes: [...notes].sort(byPosition).map(({ at, sentence }) => `${place(path, at)}: ${sentence}`)
  }
}

function read(text: string, path: string): SourceNode {
  try {
    return readSource(text, path)
  } catch (error) {
    if (!(error instanceof SourceError)) throw error
    throw new Failure('invalid-task-definition', `${place(path, error.at)} ${error.message}`, {
      remedy: 'give a task definition as JSON, JSON with comments, or YAML',
      cause: error
    })
  }
}

/** Takes `{taskDefinition, tags}`, which is what `describe-task-definition` prints, apart. */
function unwrap(node: SourceNode, path: string): { root: SourceObject; notes: Remark[] } {
  if (node.kind !== 'object') {
    const found = node.kind === 'list' ? 'a list' : 'no object'
    throw new Failure(
      'invalid-task-definition',
      `${place(path, node.at)} holds ${found} instead of a task definition`,
      {
        remedy: 'a task definition is an object with family and containerDefinitions'
      }
    )
  }
  const wrapped = node.members.find(member => member.name === 'taskDefinition')?.value
  const isPlain = node.members.some(member => member.name === 'containerDefinitions')
  if (wrapped?.kind !== 'object' || isPlain) return { root: node, notes: [] }
  const tags = node.members.filter(member => member.name === 'tags')
  const others = node.members.filter(({ name }) => name !== 'taskDefinition' && name !== 'tags')
  const inner = tags.length === 0 ? wrapped.members : wrapped.members.filter(member => member.name !== 'tags')
  return {
    root: { ...wrapped, members: [...inner, ...tags] },
    notes: others.map(({ at, name }) => ({ at, sentence: `${name} is not part of a task definition; left out` }))
  }
}

function withoutReadOnly(root: SourceObject, notes: Remark[]): readonly SourceMember[] {
  const removed = root.members.filter(({ name }) => READ_ONLY_MEMBERS.includes(name))
  const [first] = removed
  if (first !== undefined) {
    const names = removed.map(({ name }) => name).join(', ')
    notes.push({ at: first.at, sentence: `left out what ECS itself says about a revision: ${names}` })
  }
  return root.members.filter(member => !removed.includes(member))
}

function refusal(path: string, problems: readonly Remark[]): Failure {
  const lines = [...problems].sort(byPosition)
  const [first] = lines
  const sentence =
    first !== undefined && lines.length === 1
      ? `${place(path, first.at)}: ${first.sentence}`
      : [
          `${path} has ${lines.length} problems`,
          ...lines.map(({ at, sentence }) => `line ${at.line}, column ${at.column}: ${sentence}`)
        ].join('\n  ')
  return new Failure('invalid-task-definition', sentence, { remedy: `correct ${path}; nothing was sent to AWS` })
}

function place(path: string, at: Position | undefined): string {
  return at === undefined ? path : `${path}, line ${at.line}, column ${at.column}`
}

function byPosition(a: Remark, b: Remark): number {
  return a.at.line - b.at.line || a.at.column - b.at.column
}
