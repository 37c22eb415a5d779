import type { Refusal } from '../protocol/call.ts'
import { InvalidInput, list, number, object, oneOf, text, whole, type Read } from './read.ts'

/** A rule that makes calls fail (contract §6, `POST /_sim/faults`). */
export interface FaultRule {
  /** `service:operation`, where `*` stands for any characters: `ecs:UpdateService`, `ecr:*`, `registry:PUT manifests`. */
  readonly operation: string
  readonly error?: string
  readonly message?: string
  readonly status?: number
  /** How many calls it hits. Default 1. */
  readonly times?: number | 'always'
  /** How many matching calls pass before the first one it hits. */
  readonly after?: number
  /** The answer is held back for so long, in the time of the caller. */
  readonly delayMs?: number
  /** Cuts the connection instead of answering: before the work is done, or after. */
  readonly drop?: 'before' | 'after'
}

const readRules: Read<readonly FaultRule[]> = list(
  object<FaultRule>(
    {
      operation: text(/^[\w*-]+:[^:]+$/),
      error: text(),
      message: text(),
      status: (value, path) => {
        const status = whole(400)(value, path)
        if (status > 599) throw new InvalidInput(`${path}: expected a status from 400 to 599, got ${String(status)}`)
        return status
      },
      times: (value, path) => (value === 'always' ? value : whole(1)(value, path)),
      after: whole(0),
      delayMs: number(0),
      drop: oneOf('before', 'after')
    },
    ['operation']
  )
)

/** Fault rules from parsed JSON; throws InvalidInput. */
export function parseFaults(value: unknown): readonly FaultRule[] {
  const rules = readRules(value, 'faults')
  for (const [index, rule] of rules.entries()) {
    const path = `faults[${String(index)}]`
    const refuses = rule.error !== undefined || rule.status !== undefined
    if (!refuses && rule.drop === undefined && rule.delayMs === undefined) {
      throw new InvalidInput(`${path} does nothing: give it error, status, delayMs or drop`)
    }
    if (refuses && rule.drop !== undefined) throw new InvalidInput(`${path}: drop and error exclude each other`)
    if (rule.message !== undefined && !refuses) throw new InvalidInput(`${path}.message needs error or status`)
  }
  return rules
}

/** What happens to one call. */
export interface Fault {
  readonly delayMs: number
  readonly effect:
    | { readonly kind: 'none' }
    | { readonly kind: 'refuse'; readonly refusal: Refusal }
    | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
}

interface Armed {
  readonly rule: FaultRule
  readonly pattern: RegExp
  passes: number
  hits: number
}

/** The rules in force. Each matching rule counts every call; the first one that is due decides it. */
export class Faults {
  #armed: Armed[] = []

  /** Puts these rules in the place of all earlier ones. */
  replace(rules: readonly FaultRule[]): void {
    this.#armed = rules.map(rule => ({
      rule,
      pattern: patternOf(rule.operation),
      passes: rule.after ?? 0,
      hits: rule.times === 'always' ? Infinity : (rule.times ?? 1)
    }))
  }

  /** What is to happen to this call, or undefined. */
  strike(service: string, operation: string): Fault | undefined {
    let struck: FaultRule | undefined
    for (const armed of this.#armed) {
      if (!armed.pattern.test(`${service}:${operation}`)) continue
      if (armed.passes > 0) {
        armed.passes -= 1
      } else if (struck === undefined && armed.hits > 0) {
        armed.hits -= 1
        struck = armed.rule
      }
    }
    return struck === undefined ? undefined : faultOf(struck)
  }

  /** The rules and how many calls each will still hit. */
  state(): readonly { readonly rule: FaultRule; readonly left: number | 'always' }[] {
    return this.#armed.map(({ rule, hits }) => ({ rule, left: hits === Infinity ? 'always' : hits }))
  }
}

function patternOf(operation: string): RegExp {
  const parts = operation.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`)
}

function faultOf(rule: FaultRule): Fault {
  const delayMs = rule.delayMs ?? 0
  if (rule.drop !== undefined) return { delayMs, effect: { kind: 'drop', when: rule.drop } }
  if (rule.error === undefined && rule.status === undefined) return { delayMs, effect: { kind: 'none' } }
  const code = rule.error ?? codeOf(rule.status ?? 500)
  const message = rule.message ?? (/throttl/i.test(code) ? 'Rate exceeded' : `${code}, as a fault rule asks`)
  return { delayMs, effect: { kind: 'refuse', refusal: { code, message, status: rule.status ?? statusOf(code) } } }
}

function codeOf(status: number): string {
  if (status === 429) return 'ThrottlingException'
  if (status === 503) return 'ServiceUnavailable'
  return status >= 500 ? 'InternalFailure' : 'ClientException'
}

function statusOf(code: string): number {
  if (code === 'ServiceUnavailable' || code === 'ServiceUnavailableException') return 503
  return /^(ServerException|Internal\w*|ServiceException)$/.test(code) ? 500 : 400
}
