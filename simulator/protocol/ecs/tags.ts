import type { Ecs } from '../../cloud/ecs/ecs.ts'
import { objectsOf, textOf, textsOf } from '../../cloud/ecs/json.ts'
import type { Tag } from '../../cloud/ecs/model.ts'
import { AwsError, type JsonObject, type Operation } from '../operation.ts'

const MAX_TAGS = 50

/** The tags of a request. */
export function readTags(input: JsonObject): readonly Tag[] {
  return objectsOf(input.tags).map(tag => ({ key: textOf(tag.key) ?? '', value: textOf(tag.value) ?? '' }))
}

/** Operations on the tags of whatever has an ARN. */
export function tagOperations(ecs: Ecs): Readonly<Record<string, Operation>> {
  const { engine } = ecs
  return {
    TagResource(input) {
      const arn = requireResource(ecs, input)
      const added = readTags(input)
      const kept = (engine.tags.get(arn) ?? []).filter(tag => !added.some(({ key }) => key === tag.key))
      if (kept.length + added.length > MAX_TAGS) {
        throw new AwsError('InvalidParameterException', `Too many tags. Max allowed is ${String(MAX_TAGS)}.`)
      }
      engine.tags.set(arn, [...kept, ...added])
      return {}
    },
    UntagResource(input) {
      const arn = requireResource(ecs, input)
      const removed = new Set(textsOf(input.tagKeys))
      engine.tags.set(
        arn,
        (engine.tags.get(arn) ?? []).filter(tag => !removed.has(tag.key))
      )
      return {}
    },
    ListTagsForResource(input) {
      const tags = engine.tags.get(requireResource(ecs, input)) ?? []
      return { tags: tags }
    }
  }
}

function requireResource(ecs: Ecs, input: JsonObject): string {
  const arn = textOf(input.resourceArn) ?? ''
  const { engine } = ecs
  const clusters = [...engine.clusters.values()]
  const known =
    engine.definitions.find(arn)?.arn === arn ||
    clusters.some(
      cluster =>
        cluster.arn === arn ||
        [...cluster.services.values()].some(service => service.arn === arn) ||
        [...cluster.tasks.values()].some(task => task.arn === arn)
    )
  if (!known) throw new AwsError('InvalidParameterException', 'The specified resource was not found.')
  return arn
}
