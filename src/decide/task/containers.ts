import { Failure } from '../../failure.ts'
import { containerNames, containersOf } from './document.ts'
import type { TaskDefinitionDocument } from './document.ts'
import { isInRepository } from './image.ts'
import { textAt } from '../json.ts'
import { closest, listed, quoted } from '../wording.ts'

/** A container that the user named, with its own image if the line gave one. */
export interface ContainerChoice {
  readonly name: string
  readonly image?: string
}

/** What is known about which containers a deployment is about. */
export interface ContainerHints {
  /** What `container-name` says; empty or absent when it says nothing. */
  readonly named?: readonly ContainerChoice[]
  /** Name or URI of the repository that the new image lies in. */
  readonly repository?: string
}

/** Reads `container-name`: names by comma or line, `name=image` for a container with its own image. */
export function parseContainerChoices(text: string): readonly ContainerChoice[] {
  const choices: ContainerChoice[] = []
  const problems: string[] = []
  for (const entry of text.split(/[,\r\n]/).map(part => part.trim())) {
    if (entry === '') continue
    const equals = entry.indexOf('=')
    const name = (equals < 0 ? entry : entry.slice(0, equals)).trim()
    const image = equals < 0 ? undefined : entry.slice(equals + 1).trim()
    if (name === '') problems.push(`${quoted(entry)} has no container name before '='`)
    else if (image === '') problems.push(`${quoted(entry)} has no image after '='`)
    else if (choices.some(choice => choice.name === name)) problems.push(`container ${quoted(name)} is named twice`)
    else choices.push(image === undefined ? { name } : { name, image })
  }
  if (problems.length === 0) return choices
  throw new Failure('invalid-input', `input container-name: ${problems.join('; ')}`, {
    remedy: 'name containers by comma or line, or write name=image lines'
  })
}

/**
 * The containers that get an image: the named ones, else the one that already uses the repository, else the only
 * one. Fails with `container-not-found`, listing the candidates, when that leaves none or leaves a choice.
 */
export function selectContainers(document: TaskDefinitionDocument, hints: ContainerHints): readonly ContainerChoice[] {
  const { named = [], repository } = hints
  const names = containerNames(document)
  if (named.length > 0) {
    const absent = named.filter(({ name }) => !names.includes(name))
    if (absent.length > 0) throw notFound(absent, names)
    return named
  }
  const users = repository === undefined ? [] : usersOf(document, repository)
  const [user, secondUser] = users
  if (user !== undefined && secondUser === undefined) return [{ name: user }]
  if (repository !== undefined && users.length > 1) {
    throw undecided(`${users.length} containers use the repository ${quoted(repository)}: ${listed(users)}`)
  }
  const [only, second] = names
  if (only !== undefined && second === undefined) return [{ name: only }]
  if (only === undefined) throw undecided('the task definition has no containers')
  const reason = repository === undefined ? '' : ` and none uses the repository ${quoted(repository)}`
  throw undecided(`the task definition has ${names.length} containers${reason}: ${listed(names)}`)
}

function usersOf(document: TaskDefinitionDocument, repository: string): readonly string[] {
  return containersOf(document)
    .filter(container => isInRepository(textAt(container, 'image') ?? '', repository))
    .map(container => textAt(container, 'name') ?? '')
}

function notFound(absent: readonly ContainerChoice[], names: readonly string[]): Failure {
  const sentences = absent.map(({ name }) => {
    const meant = closest(name, names)
    return `no container ${quoted(name)}${meant === undefined ? '' : ` (did you mean ${quoted(meant)}?)`}`
  })
  return new Failure('container-not-found', `${sentences.join(', ')}; this task definition has ${listed(names)}`, {
    remedy: 'name containers of this task definition in container-name'
  })
}

function undecided(sentence: string): Failure {
  return new Failure('container-not-found', sentence, { remedy: 'say in container-name which of them get the image' })
}
