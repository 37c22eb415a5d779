import { gatherCommonInputs, type CommonInputs } from './common.ts'
import { type ImageInputs, readImageInputs } from './image.ts'
import type { InputReader } from './reader.ts'
import { readScaling, readServiceInputs, readWatchInputs, type ServiceInputs, type WatchInputs } from './service.ts'
import { readTaskDefinitionInputs, type TaskDefinitionInputs } from './task-definition.ts'

/** What is asked of mode `deploy`; every part is legal by itself and together with the others. */
export interface DeployInputs extends CommonInputs {
  readonly mode: 'deploy'
  readonly image: ImageInputs
  readonly taskDefinition: TaskDefinitionInputs
  /** Undefined: a revision is registered and nothing is deployed. */
  readonly service: ServiceInputs | undefined
  readonly watch: WatchInputs
  readonly scaling: 'keep' | 'suspend'
  /** How many log lines of a failed container are shown. */
  readonly logLines: number
}

/** A deployment is about one of these. */
const SUBJECTS = ['service', 'task-definition', 'task-definition-arn', 'task-definition-family'] as const

/** Reads the inputs of mode `deploy`. */
export function gatherDeployInputs(reader: InputReader): DeployInputs {
  // Nothing but nulls and read-only members is ever dropped, so there are no keys to keep.
  reader.accept('keep-null-value-keys')
  const watch = readWatchInputs(reader)
  const inputs: DeployInputs = {
    mode: 'deploy',
    ...gatherCommonInputs(reader),
    image: readImageInputs(reader),
    taskDefinition: readTaskDefinitionInputs(reader),
    service: readServiceInputs(reader),
    watch,
    scaling: readScaling(reader, watch),
    logLines: reader.number('log-lines', { least: 0, most: 500, isWhole: true })
  }
  if (!SUBJECTS.some(name => reader.isSet(name))) {
    reader.refuse('there is nothing to deploy and nothing to register; give service, task-definition, or both')
  }
  if (inputs.service === undefined && reader.isSet('marker-tag')) {
    reader.refuse('input marker-tag means nothing without service; a marker says what is proven to run')
  }
  return inputs
}
