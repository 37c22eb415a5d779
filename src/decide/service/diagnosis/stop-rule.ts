import type { FailureCode } from '../../../failure.ts'
import { clip } from '../../text.ts'

/**
 * Whether waiting can mend a cause: never (a deployment whose every task fails so is given up early), perhaps, or as a
 * rule because ECS starts a replacement that fares better.
 */
export type Heals = 'no' | 'maybe' | 'yes'

/** Why a task stopped or could not be started: one class, and the words for this case of it. */
export interface Cause {
  readonly code: FailureCode
  /** One short clause on one line, in lower case, with the useful value in it. */
  readonly words: string
  /** What to do about it, as an imperative sentence. */
  readonly remedy: string
  readonly heals: Heals
  /** A right is missing. One that was given a moment ago works within seconds, so the next try tells. */
  readonly isRight?: true
}

/** What is known besides the text of a reason; values in the text itself go first. */
export interface Subject {
  readonly image?: string | undefined
  readonly container?: string | undefined
  /** True in a task of several containers, where "the image" does not say which. */
  readonly hasSiblings?: boolean
  readonly logGroups?: readonly string[]
  /** What the task definition reads secrets from: ARNs and names, never what is in them. */
  readonly secrets?: readonly string[]
}

/** One class of reasons: the wordings that give it away, all of them in the text, and what it means. */
export interface StopRule {
  readonly all: readonly RegExp[]
  readonly read: (text: string, subject: Subject) => Cause
}

/** ECS cuts its reasons off at 1024 characters, events are shorter; what is longer did not come from ECS. */
const LONGEST_TEXT = 4000

/** One line of bounded length, with typewriter quotes: AWS writes some of its messages with typographic ones. */
export function plain(text: string): string {
  return clip(text, LONGEST_TEXT)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .trim()
}

const LONGEST_TAIL = 200

/** The end of a long text: Go programs, and so ECS, say what really happened last. */
export function tail(text: string): string {
  return text.length <= LONGEST_TAIL ? text : clip(`…${text.slice(-LONGEST_TAIL)}`, LONGEST_TAIL + 1)
}

/** The first group of the first pattern that matches, unless it is empty. */
export function find(text: string, ...patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(text)?.[1]
    if (found !== undefined && found !== '') return found
  }
  return undefined
}

/** What a reason says after the categories, counts and request ids that it begins with, which tell a reader nothing. */
export function essence(text: string): string {
  const said = find(text, /\bapi error (.+)$/) ?? text
  return tail(
    said
      .replace(/^(?:(?:Cannot\w{1,30}|ResourceInitialization)Error: )+/, '')
      .replace(/^(?:pull image manifest|ref pull|create stream) has been retried \d+ times?(?:\(s\))?: /, '')
      .replace(/\.$/, '')
  )
}

/** What every reason has in common that came of a connection which could not be made or was given up. */
export const NO_CONNECTION =
  /connection issue|network configuration|network connection|i\/o timeout|deadline exceeded|request cancell?ed|RequestCanceled|context canceled|signal: killed|TLS handshake|no route to host|no such host|connection re(?:fused|set)|send request failed|Client\.Timeout/i

/** What every reason has in common that came of a missing permission. */
export const NO_PERMISSION = /AccessDenied|not authorized to perform|access to kms is not allowed/i

/** The host that a failed request was for, e.g. `api.ecr.eu-west-2.amazonaws.com`. */
export function hostIn(text: string): string | undefined {
  return find(text, /https?:\/\/([A-Za-z0-9.:-]+)/, /lookup ([A-Za-z0-9.-]+)/)
}

/** The action that a policy does not allow, e.g. `secretsmanager:GetSecretValue`. */
export function deniedAction(text: string): string | undefined {
  return find(
    text,
    /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)/,
    /\b((?:ecr|ssm|kms|logs|secretsmanager):[A-Z][A-Za-z]+)/
  )
}

/** The execution role, by its name where the reason has it: as whom a call was refused. */
export function executionRole(text: string): string {
  const role = find(text, /assumed-role\/([\w+=,.@-]+)/, /role '(?:arn:[^\s']*:role\/)?([\w+=,.@/-]+)'/)
  return role === undefined ? 'the execution role' : `the execution role ${role}`
}
