import { isObject, memberOf, objectsOf, textAt, type Json, type JsonObject } from '../json.ts'
import { matchesWildcard } from './immutability.ts'

/** When an image was pushed and last pulled, in epoch milliseconds, and what it is called. */
export interface StoredImageAge {
  readonly digest: string
  readonly tags: readonly string[]
  readonly pushedAtMs: number
  /** Undefined when it was never pulled. */
  readonly pulledAtMs: number | undefined
}

/** One rule of a lifecycle policy, as far as it is about images that can be pulled. */
export interface LifecycleRule {
  /** The smaller, the earlier it counts. */
  readonly priority: number
  readonly selects: (tags: readonly string[]) => boolean
  /** Whether it selects by the name of one tag, and so one image at most. */
  readonly isOfOne: boolean
  readonly limit: LifecycleLimit
  /** What becomes of the image: it is deleted, or moved to the archive, from which nothing is pulled. */
  readonly action: 'expire' | 'archive'
}

/** How many images a rule leaves, or for how long after a push or pull. */
export type LifecycleLimit =
  | { readonly kind: 'count'; readonly most: number }
  | { readonly kind: 'age'; readonly days: number; readonly since: 'pushed' | 'pulled' }

/** What the policy will do with an image. */
export type LifecycleFate =
  | { readonly kind: 'stays' }
  /** `days` from now, 0 when it is due; or with so many more pushes. */
  | { readonly kind: 'goes'; readonly rule: LifecycleRule; readonly days: number }
  | { readonly kind: 'goes'; readonly rule: LifecycleRule; readonly pushes: number }

const MS_PER_DAY = 24 * 60 * 60 * 1000

/**
 * Reads the text of a lifecycle policy; undefined when it is none that this understands, so that nobody is told half of
 * it. https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
export function parseLifecyclePolicy(text: string): readonly LifecycleRule[] | undefined {
  let policy: Json
  try {
    policy = JSON.parse(text) as Json
  } catch {
    return undefined
  }
  if (!isObject(policy)) return undefined
  const rules: LifecycleRule[] = []
  for (const rule of objectsOf(memberOf(policy, 'rules'))) {
    const read = readRule(rule)
    if (read === undefined) return undefined
    if (read !== 'of-archived-images') rules.push(read)
  }
  return rules.sort((a, b) => a.priority - b.priority)
}

/**
 * The one rule that can take an image: of those that select it by its tags the one that counts first, whether it takes
 * the image or not. https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export function ruleFor(tags: readonly string[], rules: readonly LifecycleRule[]): LifecycleRule | undefined {
  return rules.find(rule => rule.selects(tags))
}

/** What becomes of an image by its rule. `images` are all there are; only rules that count need them. */
export function fateOf(
  image: StoredImageAge,
  rule: LifecycleRule | undefined,
  images: readonly StoredImageAge[],
  nowMs: number
): LifecycleFate {
  if (rule === undefined) return { kind: 'stays' }
  const { limit } = rule
  if (limit.kind === 'age') {
    const since = limit.since === 'pulled' ? (image.pulledAtMs ?? image.pushedAtMs) : image.pushedAtMs
    const days = Math.max(0, Math.ceil((since + limit.days * MS_PER_DAY - nowMs) / MS_PER_DAY))
    return { kind: 'goes', rule, days }
  }
  if (rule.isOfOne && limit.most > 0) return { kind: 'stays' }
  // Images that an earlier rule takes are counted all the same.
  const newer = images.filter(
    other => other.digest !== image.digest && other.pushedAtMs > image.pushedAtMs && rule.selects(other.tags)
  )
  return { kind: 'goes', rule, pushes: Math.max(0, limit.most - newer.length) }
}

function readRule(rule: JsonObject): LifecycleRule | 'of-archived-images' | undefined {
  const priority = memberOf(rule, 'rulePriority')
  const selection = memberOf(rule, 'selection')
  const action = memberOf(rule, 'action')
  if (typeof priority !== 'number' || !isObject(selection) || !isObject(action)) return undefined
  if (textAt(selection, 'storageClass') === 'archive') return 'of-archived-images'
  const selects = readSelection(selection)
  const limit = readLimit(selection)
  const kind = readAction(action)
  const isOfOne = textsAt(selection, 'tagPatternList').some(pattern => !pattern.includes('*'))
  return selects && limit && kind && { priority, selects, isOfOne, limit, action: kind }
}

/** Of several patterns or prefixes an image must match every one, with whichever of its tags. */
function readSelection(selection: JsonObject): LifecycleRule['selects'] | undefined {
  const patterns = textsAt(selection, 'tagPatternList')
  const prefixes = textsAt(selection, 'tagPrefixList')
  switch (textAt(selection, 'tagStatus')) {
    case 'any':
      return () => true
    case 'untagged':
      return tags => tags.length === 0
    case 'tagged':
      if (patterns.length === 0 && prefixes.length === 0) return undefined
      return tags =>
        patterns.every(pattern => tags.some(tag => matchesWildcard(pattern, tag))) &&
        prefixes.every(prefix => tags.some(tag => tag.startsWith(prefix)))
    case undefined:
    default:
      return undefined
  }
}

function readLimit(selection: JsonObject): LifecycleLimit | undefined {
  const count = memberOf(selection, 'countNumber')
  if (typeof count !== 'number') return undefined
  const type = textAt(selection, 'countType')
  if (type === 'imageCountMoreThan') return { kind: 'count', most: count }
  // Days are the only unit there is.
  if ((textAt(selection, 'countUnit') ?? 'days') !== 'days') return undefined
  if (type === 'sinceImagePushed') return { kind: 'age', days: count, since: 'pushed' }
  return type === 'sinceImagePulled' ? { kind: 'age', days: count, since: 'pulled' } : undefined
}

function readAction(action: JsonObject): LifecycleRule['action'] | undefined {
  switch (textAt(action, 'type')) {
    case 'expire':
      return 'expire'
    case 'transition':
      return 'archive'
    case undefined:
    default:
      return undefined
  }
}

function textsAt(object: JsonObject, member: string): readonly string[] {
  const value = memberOf(object, member)
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}
