import { objectsOf, textAt } from '../json.ts'
import type { JsonObject } from '../json.ts'

/** A task definition as the JSON document it is on the wire, without its tags; unknown members are part of it. */
export type TaskDefinitionDocument = JsonObject

/** The container definitions of a document, in its order. */
export function containersOf(document: TaskDefinitionDocument): readonly JsonObject[] {
  return objectsOf(document.containerDefinitions)
}

/** The names of a document's containers, in its order. */
export function containerNames(document: TaskDefinitionDocument): readonly string[] {
  return containersOf(document).map(container => textAt(container, 'name') ?? '')
}
