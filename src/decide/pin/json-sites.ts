import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { positionsOf, type Position } from '../task/source-tree.ts'
import { UnreadableFile, type ImageSite, type SitesOfFile } from './site.ts'

interface Source {
  readonly text: string
  readonly position: (offset: number) => Position
}

/** The images of a task definition in JSON, with or without comments, also as `describe-task-definition` prints it. */
export function findJsonSites(text: string): SitesOfFile {
  const position = positionsOf(text)
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  const [first] = errors
  if (first !== undefined) {
    throw new UnreadableFile(
      `is no valid JSON: ${printParseErrorCode(first.error)} on line ${String(position(first.offset).line)}`
    )
  }
  const containers =
    root && (containersIn(root) ?? findNodeAtLocation(root, ['taskDefinition', 'containerDefinitions']))
  if (containers?.type !== 'array') throw new UnreadableFile('is neither a Compose file nor a task definition')
  const sites = (containers.children ?? []).flatMap((container, index) => siteOf({ text, position }, container, index))
  return { kind: 'task-definition', sites, notes: [] }
}

function containersIn(root: Node): Node | undefined {
  return findNodeAtLocation(root, ['containerDefinitions'])
}

function siteOf({ text, position }: Source, container: Node, index: number): readonly ImageSite[] {
  const images = (container.children ?? []).filter(({ children }) => children?.[0]?.value === 'image')
  const [image, second] = images.map(({ children }) => children?.[1])
  if (second !== undefined) {
    throw new UnreadableFile(`names two images for one container on line ${String(position(second.offset).line)}`)
  }
  if (image?.type !== 'string') return []
  const name: unknown = findNodeAtLocation(container, ['name'])?.value
  return [
    {
      users: [typeof name === 'string' ? name : `container ${String(index + 1)}`],
      line: position(image.offset).line,
      value: String(image.value),
      written: text.slice(image.offset + 1, image.offset + image.length - 1),
      start: image.offset + 1,
      end: image.offset + image.length - 1
    }
  ]
}
