import { versionsOfImage } from '../version/image-tag.ts'
import { listed, quoted } from '../wording.ts'
import type { LifecycleFate, LifecycleRule } from './lifecycle.ts'

/** An image that a service runs or may go back to. */
export interface NeededImage {
  /** What the service does with it: `deployed here`, … */
  readonly use: string
  readonly tags: readonly string[]
}

/** A sentence about an image that will not be there for long, and the rule that would keep it, as JSON. */
export interface LifecycleWarning {
  readonly sentence: string
  readonly remedy: string
}

/** Rules run about once a day, and a service that is not deployed for a week still starts tasks. */
const SOON_DAYS = 7
/** A service that is deployed three times a day loses such an image within one. */
const SOON_PUSHES = 3

/** How many images the offered rule leaves. A marker is on one; versions are few; commits are many. */
const KEPT = { marker: 1, versions: 1000, commits: 100 } as const

/** Warns of an image that its rule takes soon; undefined when it stays for now. */
export function warnOfFate(
  repository: string,
  image: NeededImage,
  fate: LifecycleFate,
  rules: readonly LifecycleRule[],
  marker: string | undefined
): LifecycleWarning | undefined {
  if (fate.kind === 'stays') return undefined
  const isSoon = 'days' in fate ? fate.days <= SOON_DAYS : fate.pushes <= SOON_PUSHES
  if (!isSoon) return undefined
  const does = fate.rule.action === 'expire' ? 'deletes' : 'archives'
  const named = image.tags.length === 0 ? '' : ` (${listed(image.tags.slice(0, 3))})`
  const rule = `rule ${String(fate.rule.priority)} of the lifecycle policy of ${quoted(repository)}`
  return {
    sentence: `${rule} ${does} the image ${image.use}${named} ${describeWhen(fate)}; tasks can then no longer start from it`,
    remedy: offer(image.tags, fate.rule, rules, marker)
  }
}

function describeWhen(fate: Extract<LifecycleFate, { kind: 'goes' }>): string {
  if ('days' in fate) return fate.days === 0 ? 'when it next runs' : `in ${String(fate.days)} days`
  if (fate.pushes === 0) return 'when it next runs'
  return `after ${fate.pushes === 1 ? 'one more push' : `${String(fate.pushes)} more pushes`}`
}

/** ECR has no rule that keeps: one that counts first and leaves many does, because no later rule may take what it selects. */
function offer(
  tags: readonly string[],
  rule: LifecycleRule,
  rules: readonly LifecycleRule[],
  marker: string | undefined
): string {
  const kept = choosePattern(tags, marker)
  if (kept === undefined) return 'give the image a tag, and the policy a rule that keeps such tags'
  const used = new Set(rules.map(({ priority }) => priority))
  const free = Array.from({ length: Math.max(0, rule.priority - 1) }, (_, index) => index + 1).find(
    priority => !used.has(priority)
  )
  const json = JSON.stringify({
    rulePriority: free ?? 1,
    description: `keep ${kept.pattern}`,
    selection: {
      tagStatus: 'tagged',
      tagPatternList: [kept.pattern],
      countType: 'imageCountMoreThan',
      countNumber: kept.count
    },
    action: { type: 'expire' }
  })
  const renumber = free === undefined ? ', and raise the rulePriority of the others by one' : ''
  return `add this rule, which keeps it from the later ones${renumber}: ${json}`
}

interface Kept {
  readonly pattern: string
  readonly count: number
}

function choosePattern(tags: readonly string[], marker: string | undefined): Kept | undefined {
  if (marker !== undefined) return { pattern: marker, count: KEPT.marker }
  if (versionsOfImage({ label: undefined, tags }).length > 0) return { pattern: '*.*.*', count: KEPT.versions }
  const branch = tags.flatMap(tag => /^(.+)-[0-9a-f]{7,40}$/.exec(tag)?.[1] ?? [])[0]
  if (branch !== undefined) return { pattern: `${branch}-*`, count: KEPT.commits }
  const [first] = tags
  return first === undefined ? undefined : { pattern: first, count: KEPT.marker }
}
