import type { Remark } from './conform.ts'
import type { SourceNode, SourceObject } from './source-tree.ts'
import { closest, quoted } from '../wording.ts'

/** Every reason why a file cannot be a task definition, apart from values of the wrong kind. */
export function structuralProblems(root: SourceObject, hasFamily: boolean): readonly Remark[] {
  const problems: Remark[] = []
  if (!hasFamily && isBlank(memberOf(root, 'family'))) problems.push(missing(root, 'family', 'the task definition'))
  const containers = memberOf(root, 'containerDefinitions')
  if (containers === undefined || isBlank(containers)) {
    problems.push(missing(root, 'containerDefinitions', 'the task definition'))
  } else if (containers.kind === 'list') {
    if (containers.items.length === 0) problems.push({ at: containers.at, sentence: 'containerDefinitions is empty' })
    problems.push(...containerProblems(containers.items))
  }
  for (const tag of objectsOf(memberOf(root, 'tags'))) {
    if (isBlank(memberOf(tag, 'key'))) problems.push(missing(tag, 'key', 'a tag'))
  }
  return problems
}

function containerProblems(containers: readonly SourceNode[]): Remark[] {
  const problems: Remark[] = []
  const names = new Set<string>()
  for (const [index, container] of containers.entries()) {
    if (container.kind !== 'object') continue
    const name = textOf(memberOf(container, 'name'))
    const label = name === '' ? `container ${index + 1}` : `container ${quoted(name)}`
    if (name === '') problems.push(missing(container, 'name', label))
    else if (names.has(name)) problems.push({ at: container.at, sentence: `${label} is defined twice` })
    names.add(name)
    problems.push(...variableProblems(container, label))
  }
  return problems
}

function variableProblems(container: SourceObject, label: string): Remark[] {
  const problems: Remark[] = []
  const environment = objectsOf(memberOf(container, 'environment'))
  for (const entry of environment) {
    if (isBlank(memberOf(entry, 'name'))) problems.push(missing(entry, 'name', `an environment variable of ${label}`))
  }
  const variables = new Set(environment.map(entry => textOf(memberOf(entry, 'name'))))
  for (const secret of objectsOf(memberOf(container, 'secrets'))) {
    const name = textOf(memberOf(secret, 'name'))
    if (name === '') problems.push(missing(secret, 'name', `a secret of ${label}`))
    // ECS refuses this too, but only when the revision is registered.
    else if (variables.has(name)) {
      const sentence = `${label} has ${quoted(name)} both as an environment variable and as a secret`
      problems.push({ at: secret.at, sentence })
    }
    if (isBlank(memberOf(secret, 'valueFrom'))) {
      problems.push(
        missing(secret, 'valueFrom', name === '' ? `a secret of ${label}` : `secret ${quoted(name)} of ${label}`)
      )
    }
  }
  return problems
}

function missing(object: SourceObject, member: string, owner: string): Remark {
  const names = object.members.map(({ name }) => name).filter(name => name !== member)
  const meant = closest(member, names)
  return {
    at: object.at,
    sentence: `${owner} has no ${member}${meant === undefined ? '' : `; ${quoted(meant)} is spelled differently`}`
  }
}

function memberOf(object: SourceObject, name: string): SourceNode | undefined {
  return object.members.find(member => member.name === name)?.value
}

function objectsOf(node: SourceNode | undefined): readonly SourceObject[] {
  return node?.kind === 'list' ? node.items.filter(item => item.kind === 'object') : []
}

function textOf(node: SourceNode | undefined): string {
  return node?.kind === 'scalar' && node.value !== null ? node.written : ''
}

function isBlank(node: SourceNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && textOf(node).trim() === '')
}
