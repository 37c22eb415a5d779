import { Failure } from '../../src/failure.ts'
import type { InputName } from '../../src/inputs/defaults.ts'

/** The variables in which the runner hands over inputs. */
export function environmentOf(
  inputs: Readonly<Partial<Record<InputName, string>>>,
  others: Readonly<Record<string, string>> = {}
): Record<string, string> {
  const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  return { ...(Object.fromEntries(variables) as Record<string, string>), ...others }
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
