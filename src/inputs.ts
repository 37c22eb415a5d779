import { Failure } from './failure.ts'
import { gatherContext, type RunContext } from './inputs/context.ts'
import { type ImageInputs, readImageInputs } from './inputs/image.ts'
import { type Environment, InputReader } from './inputs/reader.ts'
import {
  readScaling,
  readServiceInputs,
  readWatchInputs,
  type ServiceInputs,
  type WatchInputs
} from './inputs/service.ts'
import { readTaskDefinitionInputs, type TaskDefinitionInputs } from './inputs/task-definition.ts'

/** What the user asked for; every part is legal by itself and together with the others. */
export interface Inputs {
  readonly mode: 'deploy'
  readonly dryRun: boolean
  readonly image: ImageInputs
  readonly taskDefinition: TaskDefinitionInputs
  /** Undefined: a revision is registered and nothing is deployed. */
  readonly service: ServiceInputs | undefined
  readonly watch: WatchInputs
  readonly scaling: 'keep' | 'suspend'
  /** How often a call to AWS is tried in all. */
  readonly attempts: number
  readonly report: {
    readonly summary: boolean
    /** How many log lines of a failed container are shown. */
    readonly logLines: number
  }
}

/** What the user asked for and what the runner says about this run. */
export interface Run {
  readonly inputs: Inputs
  readonly context: RunContext
}

/** A run is about one of these. */
const SUBJECTS = ['service', 'task-definition', 'task-definition-arn', 'task-definition-family'] as const

/** Reads the inputs of action.yml; throws `invalid-input` with a sentence a line about all that is wrong. */
export function readInputs(environment: Environment): Inputs {
  const problems: string[] = []
  const inputs = gatherInputs(environment, problems)
  throwAll(problems)
  return inputs
}

/** Reads what the runner says about this run; throws `invalid-input` when the region is missing or wrong. */
export function readContext(environment: Environment): RunContext {
  const problems: string[] = []
  const context = gatherContext(environment, problems)
  throwAll(problems)
  return context
}

/** Reads both, and throws `invalid-input` with all that is wrong in either, or between them. */
export function readRun(environment: Environment): Run {
  const problems: string[] = []
  const inputs = gatherInputs(environment, problems)
  const context = gatherContext(environment, problems)
  refuseOtherRegion('service', inputs.service?.region, context.region, problems)
  const { base } = inputs.taskDefinition
  const scope = base.kind === 'reference' ? base.reference.scope : undefined
  refuseOtherRegion('task definition', scope?.region, context.region, problems)
  throwAll(problems)
  return { inputs, context }
}

function gatherInputs(environment: Environment, problems: string[]): Inputs {
  const reader = new InputReader(environment, problems)
  const watch = readWatchInputs(reader)
  const inputs: Inputs = {
    mode: reader.choice('mode', ['deploy']),
    dryRun: reader.flag('dry-run'),
    image: readImageInputs(reader),
    taskDefinition: readTaskDefinitionInputs(reader),
    service: readServiceInputs(reader),
    watch,
    scaling: readScaling(reader, watch),
    attempts: 1 + reader.number('max-retries', { least: 0, most: 100, isWhole: true }),
    report: {
      summary: reader.flag('summary'),
      logLines: reader.number('log-lines', { least: 0, most: 500, isWhole: true })
    }
  }
  if (!SUBJECTS.some(name => reader.isSet(name))) {
    reader.refuse('there is nothing to deploy and nothing to register; give service, task-definition, or both')
  }
  return inputs
}

/** An ARN of another region would be looked for, and not be found, in the run's own. */
function refuseOtherRegion(what: string, named: string | undefined, region: string, problems: string[]): void {
  if (named === undefined || region === '' || named === region) return
  problems.push(`the ${what} is in ${named} by its ARN, but the AWS region is ${region}; set AWS_REGION to ${named}`)
}

function throwAll(problems: readonly string[]): void {
  if (problems.length > 0) throw new Failure('invalid-input', problems.join('\n'))
}
