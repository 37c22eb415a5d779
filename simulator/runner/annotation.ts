import { isAbsolute, relative } from 'node:path'

/** The levels of an annotation, as the commands that make one are called. */
export type AnnotationLevel = 'error' | 'warning' | 'notice'

/** What GitHub shows beside the run, made by an `error`, `warning` or `notice`. */
export interface Annotation {
  readonly level: AnnotationLevel
  /** Masked, and cut at 4096 characters. */
  readonly message: string
  readonly title?: string
  /** Relative to the workspace when it lies in it. */
  readonly file?: string
  readonly line?: number
  readonly endLine?: number
  readonly column?: number
  readonly endColumn?: number
  /** GitHub keeps the first ten of each level of a step; the others are only in the log. */
  readonly shown: boolean
}

/** Makes an annotation of a command's properties, dropping positions that contradict each other. */
export function annotate(
  level: AnnotationLevel,
  message: string,
  properties: Readonly<Record<string, string>>,
  workspace: string,
  shown: boolean
): Annotation {
  const { title, file } = properties
  return {
    level,
    message,
    ...(title === undefined ? {} : { title }),
    ...(file === undefined ? {} : { file: relativeToWorkspace(file, workspace) }),
    ...readPosition(properties),
    shown
  }
}

type Position = Pick<Annotation, 'line' | 'endLine' | 'column' | 'endColumn'>

function readPosition(properties: Readonly<Record<string, string>>): Position {
  const endLine = integer(properties['endline'])
  const endColumn = integer(properties['endcolumn'])
  const line = integer(properties['line']) ?? endLine
  const column = integer(properties['col']) ?? endColumn
  if (line === undefined) return {}
  if (endLine !== undefined && endLine < line) return {}
  const lines = { line, ...(endLine === undefined ? {} : { endLine }) }
  // Columns mean something within one line only.
  if (column === undefined || (endLine !== undefined && endLine !== line)) return lines
  if (endColumn !== undefined && endColumn < column) return lines
  return { ...lines, column, ...(endColumn === undefined ? {} : { endColumn }) }
}

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined
}

function relativeToWorkspace(file: string, workspace: string): string {
  if (!isAbsolute(file)) return file
  const path = relative(workspace, file)
  return path === '' || path.startsWith('..') ? file : path
}
