import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Contexts, evaluateTemplate } from './expression.ts'

/** One input as action.yml declares it. */
export interface InputDeclaration {
  readonly name: string
  /** May hold expressions. */
  readonly default: string
  readonly deprecationMessage: string | undefined
}

/** What the runner needs to know of a JavaScript action. */
export interface Manifest {
  readonly inputs: readonly InputDeclaration[]
  readonly main: string
  readonly pre: string | undefined
  readonly preIf: string
  readonly post: string | undefined
  readonly postIf: string
}

const JAVASCRIPT_RUNTIMES = ['node20', 'node24']

/** Reads `action.yml` (or `action.yaml`) of an action directory; throws when it is missing or no JavaScript action. */
export function readManifest(directory: string): Manifest {
  const document: unknown = parse(readActionFile(directory))
  const runs = mapping(field(document, 'runs'))
  const using = text(runs['using']) ?? ''
  if (!JAVASCRIPT_RUNTIMES.includes(using.toLowerCase())) {
    throw new Error(`'using: ${using}' is not supported, use ${JAVASCRIPT_RUNTIMES.join(' or ')} instead`)
  }
  const main = text(runs['main'])
  if (main === undefined) throw new Error(`action.yml in ${directory} names no 'main'`)
  return {
    inputs: Object.entries(mapping(field(document, 'inputs'))).map(([name, declaration]) => ({
      name,
      default: text(field(declaration, 'default')) ?? '',
      deprecationMessage: text(field(declaration, 'deprecationMessage'))
    })),
    main,
    pre: text(runs['pre']),
    preIf: text(runs['pre-if']) ?? 'always()',
    post: text(runs['post']),
    postIf: text(runs['post-if']) ?? 'always()'
  }
}

/** The inputs a step runs with, and the warnings that the runner gives about them. */
export interface ResolvedInputs {
  /** Given ones first, in their order, then the defaults of the others. */
  readonly values: ReadonlyMap<string, string>
  readonly warnings: readonly string[]
}

/**
 * Merges the step's `with:` and the declared defaults. Names are compared without regard to case. A required input that
 * is missing is no matter for the runner: only the action can complain.
 */
export function resolveInputs(
  manifest: Manifest,
  given: Readonly<Record<string, string>>,
  contexts: Contexts
): ResolvedInputs {
  const declared = new Map(manifest.inputs.map(input => [input.name.toLowerCase(), input]))
  const values = new Map(Object.entries(given))
  const warnings: string[] = []
  const unexpected: string[] = []
  for (const name of values.keys()) {
    const input = declared.get(name.toLowerCase())
    if (input === undefined) unexpected.push(name)
    else if (input.deprecationMessage !== undefined) {
      warnings.push(`Input '${name}' has been deprecated with message: ${input.deprecationMessage}`)
    }
  }
  if (unexpected.length > 0) {
    const valid = manifest.inputs.map(input => input.name)
    warnings.push(`Unexpected input(s) '${unexpected.join("', '")}', valid inputs are ['${valid.join("', '")}']`)
  }
  const givenNames = new Set([...values.keys()].map(name => name.toLowerCase()))
  for (const [key, input] of declared) {
    if (!givenNames.has(key)) values.set(input.name, evaluateTemplate(input.default, contexts))
  }
  return { values, warnings }
}

/** The variable in which an action finds an input: only spaces are replaced, dashes stay. */
export function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`
}

function readActionFile(directory: string): string {
  for (const name of ['action.yml', 'action.yaml']) {
    try {
      return readFileSync(join(directory, name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error(
    `Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '${directory}'. ` +
      'Did you forget to run actions/checkout before running your local action?'
  )
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function field(value: unknown, name: string): unknown {
  return mapping(value)[name]
}

/** A scalar as the text an action gets to see. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}
