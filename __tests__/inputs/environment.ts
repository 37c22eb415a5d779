import { Failure } from '../../src/failure.ts'
import { readInputs } from '../../src/inputs.ts'
import type { InputName } from '../../src/inputs/defaults.ts'
import type { DeployInputs } from '../../src/inputs/deploy.ts'

/** The variables in which the runner hands over inputs. */
export function environmentOf(
  inputs: Readonly<Partial<Record<InputName, string>>>,
  others: Readonly<Record<string, string>> = {}
): Record<string, string> {
  const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  return { ...(Object.fromEntries(variables) as Record<string, string>), ...others }
}

/** What mode `deploy` reads from the variables; throws when they ask for another mode. */
export function readDeployInputs(environment: Readonly<Record<string, string | undefined>>): DeployInputs {
  const inputs = readInputs(environment)
  if (inputs.mode !== 'deploy') throw new Error(`these are inputs of mode ${inputs.mode}`)
  return inputs
}

/** The sentences of the failure that `read` ends in; none when it ends well. */
export function problemsOf(read: () => unknown): readonly string[] {
  try {
    read()
    return []
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'invalid-input') throw error
    return error.message.split('\n')
  }
}
