import { parse } from 'yaml'
import { type Contexts, evaluateTemplate } from './expression.ts'

/** A step of a workflow file that uses an action. */
export interface ActionStep {
  readonly job: string
  readonly id: string | undefined
  readonly uses: string
  /** As written, expressions not evaluated. */
  readonly with: Readonly<Record<string, unknown>>
  /** Variables of the workflow, the job and the step; the nearest one counts. */
  readonly env: Readonly<Record<string, unknown>>
}

/** The one step of a workflow that uses the action, named `./` or `owner/name`; throws unless there is exactly one. */
export function findActionStep(workflow: string, action: string): ActionStep {
  const document = mapping(parse(workflow))
  const found: ActionStep[] = []
  const usesSeen: string[] = []
  for (const [job, definition] of Object.entries(mapping(document['jobs']))) {
    const { steps, env: jobEnv } = mapping(definition)
    if (!Array.isArray(steps)) continue
    for (const step of steps.map(mapping)) {
      const { uses, id } = step
      if (typeof uses !== 'string') continue
      usesSeen.push(uses)
      if (!namesAction(uses, action)) continue
      const env = { ...mapping(document['env']), ...mapping(jobEnv), ...mapping(step['env']) }
      found.push({ job, id: typeof id === 'string' ? id : undefined, uses, with: mapping(step['with']), env })
    }
  }
  const [only, ...others] = found
  if (only !== undefined && others.length === 0) return only
  throw new Error(`${String(found.length)} steps use '${action}'; the workflow's steps use ${usesSeen.join(', ')}`)
}

/** The inputs a called workflow sees: the given ones, else its defaults, else the empty value of their type. */
export function resolveCallInputs(
  workflow: string,
  given: Readonly<Record<string, string | number | boolean>>
): Readonly<Record<string, string | number | boolean>> {
  const triggers = mapping(mapping(parse(workflow))['on'])
  const declared = mapping(mapping(triggers['workflow_call'])['inputs'])
  for (const name of Object.keys(given)) {
    if (!(name in declared)) throw new Error(`no input '${name}'; the workflow has ${Object.keys(declared).join(', ')}`)
  }
  const resolved: Record<string, string | number | boolean> = {}
  for (const [name, declaration] of Object.entries(declared)) {
    const { type, default: fallback, required } = mapping(declaration)
    const value = given[name] ?? fallback
    if (value === undefined && required === true) throw new Error(`input '${name}' is required`)
    resolved[name] = typed(name, type, value)
  }
  return resolved
}

/** Values of `with:` or `env:` as the action gets them: every expression evaluated, everything else as text. */
export function evaluateValues(values: Readonly<Record<string, unknown>>, contexts: Contexts): Record<string, string> {
  const evaluated: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    evaluated[name] = typeof value === 'string' ? evaluateTemplate(value, contexts) : scalarText(name, value)
  }
  return evaluated
}

function namesAction(uses: string, action: string): boolean {
  return uses.split('@')[0]?.toLowerCase() === action.toLowerCase()
}

function typed(name: string, type: unknown, value: unknown): string | number | boolean {
  switch (type) {
    case 'boolean':
    case 'number': {
      const found = value ?? (type === 'boolean' ? false : 0)
      if (typeof found === type) return found as number | boolean
      throw new Error(`input '${name}' takes a ${type}, not ${JSON.stringify(value)}`)
    }
    case 'string':
      return value === undefined ? '' : scalarText(name, value)
    default:
      throw new Error(`input '${name}' of a called workflow needs a type: string, number or boolean`)
  }
}

function scalarText(name: string, value: unknown): string {
  if (value === null) return ''
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new Error(`'${name}' must be a scalar, not ${JSON.stringify(value)}`)
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
