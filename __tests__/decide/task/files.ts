import { parseTaskDefinitionFile } from '../../../src/decide/task/file.ts'
import { Failure } from '../../../src/failure.ts'

/** Why a task definition file is refused. */
export function refusalOf(text: string, path = 'td.yaml'): string {
  try {
    parseTaskDefinitionFile(text, path)
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalid-task-definition') return error.message
    throw error
  }
  throw new Error('the file was accepted')
}

/** A file with one container that has the given lines. */
export function withContainer(...lines: readonly string[]): string {
  return ['family: f', 'containerDefinitions:', '  - name: web', ...lines.map(line => `    ${line}`)].join('\n')
}
