import type { Assignment } from './assignments.ts'
import { objectsOf, textAt } from '../json.ts'
import type { Json } from '../json.ts'

/** A tag of a task definition; a tag without a value and one with an empty value are two things. */
export interface Tag {
  readonly key: string
  readonly value?: string
}

/** Reads the API's list of tags; entries without a key are left out. */
export function toTags(list: Json | undefined): readonly Tag[] {
  const tags: Tag[] = []
  for (const entry of objectsOf(list)) {
    const key = textAt(entry, 'key')
    const value = textAt(entry, 'value')
    if (key !== undefined) tags.push(value === undefined ? { key } : { key, value })
  }
  return tags
}

/** Tags after some were set or removed; a tag that was there keeps its position. */
export function changeTags(tags: readonly Tag[], assignments: readonly Assignment[]): readonly Tag[] {
  const changed = new Map(tags.map(tag => [tag.key, tag]))
  for (const assignment of assignments) {
    if (assignment.kind === 'set') changed.set(assignment.name, { key: assignment.name, value: assignment.value })
    else changed.delete(assignment.name)
  }
  return [...changed.values()]
}

/** Tags that may be sent: AWS refuses to be given those it sets itself (`aws:cloudformation:stack-name`, …). */
export function sendableTags(tags: readonly Tag[]): readonly Tag[] {
  return tags.filter(({ key }) => !/^aws:/i.test(key))
}
