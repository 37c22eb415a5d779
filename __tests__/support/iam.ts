import { readFileSync } from 'node:fs'
import type { LoggedCall } from '../../simulator/control/calls.ts'

/** A statement of a policy, as far as the documentation uses them. */
export interface Statement {
  readonly Sid: string
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** What IAM is asked: may this be done with that? */
export interface Access {
  readonly action: string
  readonly resource: string
  readonly context?: Readonly<Record<string, string>>
}

const ACCOUNT = 'eu-west-1:123456789012'

/** The statements under each heading of a document, by the heading; that of a trust policy, which has no name, is none. */
export function readStatements(path: string): ReadonlyMap<string, readonly Statement[]> {
  const sections = readFileSync(path, 'utf8').split(/^## /m).slice(1)
  return new Map(sections.map(section => [section.slice(0, section.indexOf('\n')), statementsOf(section)]))
}

function statementsOf(section: string): readonly Statement[] {
  const blocks = [...section.matchAll(/^```json\n(.*?)^```$/gms)].map(([, block = '']) => JSON.parse(block) as unknown)
  const found = blocks.flatMap(block =>
    typeof block === 'object' && block !== null && 'Statement' in block ? block.Statement : block
  )
  return found.filter((each): each is Statement => typeof each === 'object' && each !== null && 'Sid' in each)
}

/** The actions of a statement. */
export function actionsOf({ Action }: Statement): readonly string[] {
  return [Action].flat()
}

/** The statements that allow an access. */
export function allowing(statements: readonly Statement[], access: Access): readonly Statement[] {
  return statements.filter(
    statement =>
      statement.Effect === 'Allow' &&
      actionsOf(statement).includes(access.action) &&
      [statement.Resource].flat().some(pattern => matches(pattern, access.resource)) &&
      Object.values(statement.Condition ?? {}).every(keys =>
        Object.entries(keys).every(([key, value]) => access.context?.[key] === value)
      )
  )
}

function matches(pattern: string, resource: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`).test(resource)
}

/** What a push to the registry is for IAM. */
const REGISTRY: Readonly<Record<string, string | readonly string[]>> = {
  'HEAD manifests': 'BatchGetImage',
  'GET manifests': 'BatchGetImage',
  'PUT manifests': 'PutImage',
  'HEAD blobs': 'BatchCheckLayerAvailability',
  'GET blobs': 'GetDownloadUrlForLayer',
  'POST uploads': 'InitiateLayerUpload',
  'PATCH uploads': 'UploadLayerPart',
  // The last part comes with it.
  'PUT uploads': ['UploadLayerPart', 'CompleteLayerUpload'],
  'GET referrers': 'BatchGetImage'
}

/**
 * What IAM is asked about a call, after the Service Authorization Reference of each service.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export function accessesOf({ service, operation, request }: LoggedCall): readonly Access[] {
  const input = request as Readonly<Record<string, unknown>>
  switch (service) {
    case 'ecs':
      return ecsAccesses(operation, input)
    case 'ecr':
      return ecrAccesses(operation, input)
    case 'registry': {
      const [, name] = /^\/v2\/(.+)\/(?:manifests|blobs|referrers)\//.exec(text(input['path'])) ?? []
      // The ping, and the download of a link that was given before.
      if (name === undefined) return []
      return [REGISTRY[operation] ?? operation]
        .flat()
        .map(each => ({ action: `ecr:${each}`, resource: repository(name) }))
    }
    case 'logs': {
      const resource = `arn:aws:logs:${ACCOUNT}:log-group:${text(input['logGroupName'])}:log-stream:${text(input['logStreamName'])}`
      return [{ action: `logs:${operation}`, resource }]
    }
    case 'monitoring':
      return texts(input['AlarmNames']).map(name => ({
        action: `cloudwatch:${operation}`,
        resource: `arn:aws:cloudwatch:${ACCOUNT}:alarm:${name}`
      }))
    case 'application-autoscaling':
      if (operation.startsWith('Describe')) return [{ action: `${service}:${operation}`, resource: '*' }]
      return [
        {
          action: `${service}:${operation}`,
          resource: `arn:aws:application-autoscaling:${ACCOUNT}:scalable-target/0123456789abcdef`,
          context: { 'application-autoscaling:service-namespace': text(input['ServiceNamespace']) }
        }
      ]
    default:
      throw new Error(`nobody has said what ${service}:${operation} is for IAM`)
  }
}

function ecsAccesses(operation: string, input: Readonly<Record<string, unknown>>): readonly Access[] {
  const action = `ecs:${operation}`
  const cluster = nameOf(text(input['cluster'] ?? 'default'))
  const context = { 'ecs:cluster': `arn:aws:ecs:${ACCOUNT}:cluster/${cluster}` }
  const on = (...resources: readonly string[]): readonly Access[] =>
    resources.map(resource => ({ action, resource, context }))
  const service = (name: unknown): string => `arn:aws:ecs:${ACCOUNT}:service/${cluster}/${nameOf(text(name))}`
  switch (operation) {
    case 'DescribeServices':
      return on(...texts(input['services']).map(service))
    case 'UpdateService':
    case 'ListServiceDeployments':
      return on(service(input['service']))
    case 'DescribeServiceDeployments':
      return on(...texts(input['serviceDeploymentArns']))
    case 'DescribeServiceRevisions':
      return on(...texts(input['serviceRevisionArns']))
    case 'StopServiceDeployment':
      return on(text(input['serviceDeploymentArn']))
    case 'ListTasks':
      return on(`arn:aws:ecs:${ACCOUNT}:container-instance/${cluster}/*`)
    case 'DescribeTasks':
      return on(...texts(input['tasks']).map(task => `arn:aws:ecs:${ACCOUNT}:task/${cluster}/${nameOf(task)}`))
    case 'RegisterTaskDefinition':
      return [...on('*'), ...passedRoles(input), ...givenTags(input)]
    case 'DescribeTaskDefinition':
    case 'ListClusters':
    case 'ListServices':
      return on('*')
    default:
      throw new Error(`nobody has said what ${action} is for IAM`)
  }
}

function passedRoles(input: Readonly<Record<string, unknown>>): readonly Access[] {
  return [input['taskRoleArn'], input['executionRoleArn']]
    .filter(role => role !== undefined)
    .map(role => ({
      action: 'iam:PassRole',
      resource: text(role),
      context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }
    }))
}

function givenTags({ family, tags }: Readonly<Record<string, unknown>>): readonly Access[] {
  if (tags === undefined) return []
  const resource = `arn:aws:ecs:${ACCOUNT}:task-definition/${text(family)}:*`
  return [{ action: 'ecs:TagResource', resource, context: { 'ecs:CreateAction': 'RegisterTaskDefinition' } }]
}

function ecrAccesses(operation: string, input: Readonly<Record<string, unknown>>): readonly Access[] {
  const action = `ecr:${operation}`
  if (operation === 'GetAuthorizationToken') return [{ action, resource: '*' }]
  const named = input['repositoryNames'] ?? input['repositoryName'] ?? '*'
  return [named].flat().map(name => ({ action, resource: repository(text(name)) }))
}

function repository(name: string): string {
  return `arn:aws:ecr:${ACCOUNT}:repository/${name}`
}

function nameOf(arnOrName: string): string {
  return arnOrName.slice(arnOrName.lastIndexOf('/') + 1)
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`expected a text, got ${JSON.stringify(value)}`)
  return value
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text) : []
}
