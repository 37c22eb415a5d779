import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { positionsOf, type Position } from '../task/source-tree.ts'
import { quoted } from '../wording.ts'
import { UnreadableFile, type ImageSite, type SitesOfFile } from './site.ts'

interface Source {
  readonly text: string
  readonly position: (offset: number) => Position
}

/**
 * The images of a task definition in JSON, with or without comments, also as `describe-task-definition` prints it; nothing
 * for a Compose file, which is YAML whoever wrote it.
 */
export function findJsonSites(text: string): SitesOfFile | undefined {
  const position = positionsOf(text)
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first !== undefined) {
    throw new UnreadableFile(
      `is no valid JSON: ${printParseErrorCode(first.error)} on line ${String(position(first.offset).line)}`
    )
  }
  const source = { text, position }
  const task = root && (valueOf(root, 'containerDefinitions', source) ? root : valueOf(root, 'taskDefinition', source))
  const containers = task && valueOf(task, 'containerDefinitions', source)
  const isCompose = root !== undefined && COMPOSE_MEMBERS.some(name => valueOf(root, name, source) !== undefined)
  if (task === undefined && isCompose) return undefined
  if (containers?.type !== 'array') throw new UnreadableFile('is neither a Compose file nor a task definition')
  const sites = (containers.children ?? []).flatMap((container, index) => siteOf(source, container, index))
  return { kind: 'task-definition', sites, built: [], notes: [] }
}

/** One of them is in every Compose file. */
const COMPOSE_MEMBERS = ['services', 'include']

/** Of a member that is there twice, some readers take the first and some the last. */
function valueOf(object: Node, name: string, { position }: Source): Node | undefined {
  const members = object.type === 'object' ? (object.children ?? []) : []
  const [member, second] = members.filter(({ children }) => children?.[0]?.value === name)
  if (second === undefined) return member?.children?.[1]
  const { line } = position(second.offset)
  throw new UnreadableFile(`has the member ${quoted(name)} twice in one object on line ${String(line)}`)
}

function siteOf(source: Source, container: Node, index: number): readonly ImageSite[] {
  const { text, position } = source
  if (container.type !== 'object') {
    const { line } = position(container.offset)
    throw new UnreadableFile(`has a container that is no object on line ${String(line)}`)
  }
  const image = valueOf(container, 'image', source)
  if (image === undefined || image.type === 'null') return []
  const named: unknown = valueOf(container, 'name', source)?.value
  const name = typeof named === 'string' ? named : `container ${String(index + 1)}`
  const { line } = position(image.offset)
  if (image.type !== 'string') {
    throw new UnreadableFile(`has an image of ${quoted(name)} that is no text on line ${String(line)}`)
  }
  return [
    {
      users: [name],
      line,
      value: String(image.value),
      written: text.slice(image.offset + 1, image.offset + image.length - 1),
      start: image.offset + 1,
      end: image.offset + image.length - 1
    }
  ]
}
