import { Failure } from '../../failure.ts'
import type { TaskDefinitionDocument } from './document.ts'
import { isList, isObject, mapMembers } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import { READ_ONLY_MEMBERS } from './model.ts'
import { sendableTags, toTags } from './tags.ts'
import type { Tag } from './tags.ts'
import { quoted } from '../wording.ts'

/**
 * The body of RegisterTaskDefinition for a document: without null members and what only Describe says, otherwise
 * untouched. Fails with `invalid-task-definition` when a list holds null, because leaving it out shifts the others.
 */
export function toRegisterInput(document: TaskDefinitionDocument, tags: readonly Tag[]): JsonObject {
  const places: string[] = []
  const body = mapMembers(document, (value, member) =>
    READ_ONLY_MEMBERS.includes(member) || member === 'tags' ? undefined : withoutNulls(value, member, places)
  )
  if (places.length > 0) {
    throw new Failure('invalid-task-definition', `the task definition has null inside a list: ${places.join(', ')}`, {
      remedy: 'remove the null, or write "" when empty text is meant'
    })
  }
  // ECS answers `Tags can not be empty.` to an empty list.
  const given = new Set(tags.map(({ key }) => key))
  const sent = sendableTags([...toTags(document.tags).filter(({ key }) => !given.has(key)), ...tags])
  return sent.length === 0 ? body : { ...body, tags: sent.map(tag => ({ ...tag })) }
}

function withoutNulls(value: Json, path: string, places: string[]): Json | undefined {
  if (value === null) return undefined
  if (isList(value)) {
    return value.map((item, index) => {
      const itemPath = `${path}[${index}]`
      if (item === null) places.push(itemPath)
      return withoutNulls(item, itemPath, places) ?? null
    })
  }
  if (!isObject(value)) return value
  return mapMembers(value, (member, name) => withoutNulls(member, `${path}.${quoted(name).slice(1, -1)}`, places))
}
