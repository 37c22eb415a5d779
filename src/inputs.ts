import { Failure } from './failure.ts'
import { gatherContext, type RunContext } from './inputs/context.ts'
import { gatherDeployInputs, type DeployInputs } from './inputs/deploy.ts'
import { gatherMirrorInputs, type MirrorInputs } from './inputs/mirror.ts'
import { gatherPinInputs, type PinInputs } from './inputs/pin.ts'
import { type Environment, InputReader } from './inputs/reader.ts'

/** What the user asked for, by mode. */
export type Inputs = DeployInputs | MirrorInputs | PinInputs

/** What the user asked for and what the runner says about this run. */
export interface RunRequest {
  readonly inputs: Inputs
  readonly context: RunContext
}

const MODES = ['deploy', 'mirror', 'pin'] as const

/** Reads the inputs of one mode; what it does not read is refused when it was set. */
const GATHER = {
  deploy: gatherDeployInputs,
  mirror: gatherMirrorInputs,
  pin: gatherPinInputs
} as const satisfies Record<(typeof MODES)[number], (reader: InputReader) => Inputs>

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
export function readRun(environment: Environment): RunRequest {
  const problems: string[] = []
  const inputs = gatherInputs(environment, problems)
  const context = gatherContext(environment, problems)
  refuseOtherRegions(inputs, context.region, problems)
  throwAll(problems)
  return { inputs, context }
}

function refuseOtherRegions(inputs: Inputs, region: string, problems: string[]): void {
  if (inputs.mode === 'mirror') return
  refuseOtherRegion('service', inputs.service?.region, region, problems)
  if (inputs.mode !== 'deploy') return
  const { base } = inputs.taskDefinition
  const scope = base.kind === 'reference' ? base.reference.scope : undefined
  refuseOtherRegion('task definition', scope?.region, region, problems)
}

function gatherInputs(environment: Environment, problems: string[]): Inputs {
  const reader = new InputReader(environment, problems)
  const mode = reader.choice('mode', MODES)
  const inputs = GATHER[mode](reader)
  for (const name of reader.ignored()) {
    reader.refuse(`input ${name} means nothing in mode ${mode}; leave it out`)
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
