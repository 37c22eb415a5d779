import { AwsError } from '../operation.ts'

/** A value that has the right type and still breaks the API model. */
export type Violation =
  /** `owner` is the structure that lacks the member, empty for the request itself. */
  | { readonly kind: 'missing'; readonly path: string; readonly owner: string }
  | { readonly kind: 'enum'; readonly path: string; readonly value: string; readonly values: readonly string[] }

/** What breaks the model, in the words of the service that was called. */
export function constraintError(
  service: string,
  operation: string,
  violations: readonly [Violation, ...Violation[]]
): AwsError {
  const [first] = violations
  switch (service) {
    case 'ecs':
      return new AwsError(
        operation === 'RegisterTaskDefinition' ? 'ClientException' : 'InvalidParameterException',
        first.kind === 'missing' ? nullOrEmpty(first) : coral(violations)
      )
    case 'ecr':
      return new AwsError(
        'InvalidParameterException',
        `Invalid parameter at '${first.path}' failed to satisfy constraint: '${constraint(first)}'`
      )
    case 'application-autoscaling':
    case 'monitoring':
      return new AwsError('ValidationException', coral(violations))
    default:
      return new AwsError('InvalidParameterException', coral(violations))
  }
}

/** ECS names the member after its structure: `Container.name should not be null or empty.` */
function nullOrEmpty(violation: { readonly path: string; readonly owner: string }): string {
  const member = violation.path.slice(violation.path.lastIndexOf('.') + 1)
  if (violation.owner === '') return `${member.charAt(0).toUpperCase()}${member.slice(1)} should not be null or empty.`
  return `${violation.owner.replace(/Definition$/, '')}.${member} should not be null or empty.`
}

/** The sentence most AWS services give; it names members in lower camel case whatever the API calls them. */
function coral(violations: readonly [Violation, ...Violation[]]): string {
  const count = violations.length
  const details = violations.map(violation => {
    const value = violation.kind === 'missing' ? 'null' : `'${violation.value}'`
    return `Value ${value} at '${lowerCamel(violation.path)}' failed to satisfy constraint: ${constraint(violation)}`
  })
  return `${String(count)} validation error${count === 1 ? '' : 's'} detected: ${details.join('; ')}`
}

function constraint(violation: Violation): string {
  if (violation.kind === 'missing') return 'Member must not be null'
  return `Member must satisfy enum value set: [${violation.values.join(', ')}]`
}

function lowerCamel(path: string): string {
  return path.replace(/(^|\.)([A-Z])/g, (_, dot: string, letter: string) => dot + letter.toLowerCase())
}
