import type { Behaviour, BehaviourDetails, Platform } from '../images.ts'
import { invalidParameter } from './fault.ts'

/** Label by which an image that a client pushes says how its containers behave here. */
export const BEHAVIOUR_LABEL = 'simulator.behaviour'

const WORDS = ['healthy', 'neverHealthy', 'outOfMemory'] as const

/** What each member of a behaviour has to be. */
const MEMBERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  crash: value => isObject(value) && isNumber(value.exitCode) && isNumber(value.afterSeconds),
  unhealthy: value => isObject(value) && (value.afterSeconds === undefined || isNumber(value.afterSeconds)),
  neverHealthy: value => value === true,
  outOfMemory: value => value === true,
  stop: value => isObject(value) && typeof value.stopCode === 'string' && typeof value.reason === 'string',
  failFirst: isNumber,
  logs: value => Array.isArray(value) && value.every(line => typeof line === 'string')
}

/** What the simulator reads from the config of an image. */
export interface ImageTraits {
  /** Absent for artifacts, whose config is no image config. */
  readonly platform?: Platform
  readonly behaviour: Behaviour
}

/** Reads platform and behaviour from the bytes of a config; what is no image config has neither and is healthy. */
export function readConfig(bytes: Uint8Array): ImageTraits {
  const config = parse(Buffer.from(bytes).toString('utf8'))
  if (!isObject(config)) return { behaviour: 'healthy' }
  const { os, architecture } = config
  const labels = isObject(config.config) ? config.config.Labels : undefined
  const label = isObject(labels) ? labels[BEHAVIOUR_LABEL] : undefined
  const behaviour = typeof label === 'string' ? readBehaviour(label) : 'healthy'
  if (typeof os !== 'string' || typeof architecture !== 'string') return { behaviour }
  return { platform: { os, architecture }, behaviour }
}

/** A behaviour as a label has it: a plain word, or JSON. A misspelt one refuses the push rather than run as healthy. */
export function readBehaviour(label: string): Behaviour {
  const parsed = parse(label) ?? label
  const word = WORDS.find(known => known === parsed)
  if (word !== undefined) return word
  if (isDetails(parsed)) return parsed
  throw invalidParameter('ImageManifest', `Label ${BEHAVIOUR_LABEL} is no behaviour: ${label}`)
}

function isDetails(value: unknown): value is BehaviourDetails {
  return isObject(value) && Object.entries(value).every(([member, given]) => MEMBERS[member]?.(given) ?? false)
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
