import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml'
import type { Alias, Node, Pair, Scalar, YAMLMap } from 'yaml'
import { quoted } from '../wording.ts'
import { resolveAliases } from '../yaml-aliases.ts'
import { excessOfYaml } from '../yaml-limits.ts'
import { UnreadableFile, type ImageSite, type SitesOfFile } from './site.ts'

interface Source {
  readonly text: string
  readonly lines: LineCounter
  /** What every alias stands for: the last node before it that has its anchor. */
  readonly meant: ReadonlyMap<Alias, Node>
  /** The objects that were read: one that is merged by a thousand others is read once. */
  readonly members: Map<YAMLMap, Members | 'being read'>
}

type Members = ReadonlyMap<string, Node | undefined>

/** The images of a Compose or stack file, or of a task definition in YAML; anchors are followed to where they stand. */
export function findYamlSites(text: string): SitesOfFile {
  const excess = excessOfYaml(text)
  if (excess !== undefined) throw new UnreadableFile(excess)
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    version: '1.2',
    uniqueKeys: false,
    // Pretty errors quote the file, and the file may hold secrets.
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines
  })
  const [document, second] = documents
  const [problem] = documents.flatMap(({ errors }) => errors)
  if (problem !== undefined) {
    throw new UnreadableFile(`is no valid YAML on line ${String(lines.linePos(problem.pos[0]).line)}`)
  }
  if (second !== undefined) throw new UnreadableFile('holds more than one YAML document')
  const root = document?.contents
  if (document === undefined || !isMap(root)) throw new UnreadableFile(NEITHER)
  const source: Source = { text, lines, meant: resolveAliases(document), members: new Map() }
  const services = valueOf(root, 'services', source)
  const include = valueOf(root, 'include', source)
  if (isMap(services)) return composeSites([...membersOf(services, source)], include, source)
  if (isGiven(include)) return composeSites([], include, source)
  const wrapped = valueOf(root, 'taskDefinition', source)
  const containers = valueOf(isMap(wrapped) ? wrapped : root, 'containerDefinitions', source)
  if (!isSeq(containers)) throw new UnreadableFile(NEITHER)
  const users = containers.items.map((item, index) => userOfContainer(item as Node, index, source))
  return { kind: 'task-definition', sites: collect(users, source), built: [], notes: [] }
}

const NEITHER = 'is neither a Compose file nor a task definition'

/** Something that names an image: a service or a container. */
interface User {
  readonly name: string
  readonly image: Scalar | undefined
  readonly isBuilt: boolean
}

function composeSites(
  services: readonly (readonly [name: string, service: Node | undefined])[],
  include: Node | undefined,
  source: Source
): SitesOfFile {
  const users = services.map(([name, node]) => userOfService(name, node, source))
  const built = users.filter(({ isBuilt }) => isBuilt)
  const others = users.filter(({ isBuilt }) => !isBuilt)
  return {
    kind: 'compose',
    sites: collect([...others, ...services.flatMap(([name, node]) => usersOfVolumes(name, node, source))], source),
    built: built.flatMap(({ image }) => (image === undefined ? [] : [String(image.value)])),
    notes: [
      ...(isGiven(include) ? [`it includes other files, ${UNREAD}`] : []),
      ...services.flatMap(([name, node]) =>
        extendsFile(node, source) ? [`service ${quoted(name)} extends one of other files, ${UNREAD}`] : []
      ),
      ...built.map(({ name }) => `service ${quoted(name)} is built, so its image is left alone`)
    ]
  }
}

function userOfService(name: string, service: Node | undefined, source: Source): User {
  if (!isGiven(service)) return { name, image: undefined, isBuilt: false }
  if (!isMap(service)) throw new UnreadableFile(`has a service ${quoted(name)} that is no object`)
  return { name, image: imageOf(service, name, source), isBuilt: isGiven(valueOf(service, 'build', source)) }
}

const UNREAD = "whose images count only when 'files' names them"

/** Volumes can be images, too: `{ type: image, source: … }`. */
function usersOfVolumes(name: string, service: Node | undefined, source: Source): readonly User[] {
  const volumes = isMap(service) ? valueOf(service, 'volumes', source) : undefined
  if (!isSeq(volumes)) return []
  return volumes.items.flatMap(item => {
    const volume = follow(item as Node, source)
    if (!isMap(volume)) return []
    const type = valueOf(volume, 'type', source)
    if (!isScalar(type) || type.value !== 'image') return []
    return [{ name: `volume of ${name}`, image: textOf(volume, 'source', name, source), isBuilt: false }]
  })
}

function extendsFile(service: Node | undefined, source: Source): boolean {
  const base = isMap(service) ? valueOf(service, 'extends', source) : undefined
  return isMap(base) && isGiven(valueOf(base, 'file', source))
}

/** A member without a value is none. */
function isGiven(node: Node | undefined): node is Node {
  return node !== undefined && !(isScalar(node) && node.value === null)
}

function userOfContainer(item: Node, index: number, source: Source): User {
  const container = follow(item, source)
  const fallback = `container ${String(index + 1)}`
  if (!isMap(container)) throw new UnreadableFile('has a container that is no object')
  const named = valueOf(container, 'name', source)
  const name = isScalar(named) ? String(named.value) : fallback
  return { name, image: imageOf(container, name, source), isBuilt: false }
}

function imageOf(map: YAMLMap, name: string, source: Source): Scalar | undefined {
  return textOf(map, 'image', name, source)
}

function textOf(map: YAMLMap, member: string, name: string, source: Source): Scalar | undefined {
  const image = valueOf(map, member, source)
  if (!isGiven(image)) return undefined
  if (isScalar(image) && typeof image.value === 'string') return image
  throw new UnreadableFile(`has an image of ${quoted(name)} that is no text`)
}

/** A scalar that several users name, by anchors, is one site. */
function collect(users: readonly User[], source: Source): readonly ImageSite[] {
  const names = new Map<Scalar, string[]>()
  for (const { name, image } of users) {
    if (image === undefined) continue
    const others = names.get(image)
    if (others === undefined) names.set(image, [name])
    else others.push(name)
  }
  return [...names].map(([image, of]) => siteOf(image, of, source))
}

function siteOf(image: Scalar, users: readonly string[], { text, lines }: Source): ImageSite {
  const [from = 0, to = 0] = image.range ?? []
  const { line } = lines.linePos(from)
  const quote = image.type === 'QUOTE_DOUBLE' || image.type === 'QUOTE_SINGLE' ? 1 : 0
  const [start, end] = [from + quote, to - quote]
  const written = text.slice(start, end)
  const value = String(image.value)
  // A block scalar, or one of several lines, has no one place where the value stands.
  if (quote === 1 ? !/[\r\n]/.test(written) : written === value) return { users, line, value, written, start, end }
  throw new UnreadableFile(`has an image on line ${String(line)} that is not written on one line`)
}

/** The value of a member, its own or a merged one; an alias is followed. */
function valueOf(map: YAMLMap, name: string, source: Source): Node | undefined {
  return membersOf(map, source).get(name)
}

/** The members of an object with those that it merges (`<<`), which its own go before; aliases are followed. */
function membersOf(map: YAMLMap, source: Source): Members {
  const known = source.members.get(map)
  if (known === 'being read') throw new UnreadableFile('has an object that merges itself')
  if (known !== undefined) return known
  source.members.set(map, 'being read')
  const own = new Map<string, Node | undefined>()
  const merged: Members[] = []
  for (const { key, value } of map.items as Pair<Node, Node | null>[]) {
    const named = follow(key, source)
    const name = isScalar(named) ? String(named.value) : ''
    const node = withoutReset(follow(value, source))
    if (name === '<<') {
      for (const from of isSeq(node) ? (node.items as Node[]).map(item => follow(item, source)) : [node]) {
        if (isMap(from)) merged.push(membersOf(from, source))
      }
    } else if (own.has(name)) {
      throw new UnreadableFile(`has the member ${quoted(name)} twice in one object`)
    } else {
      own.set(name, node)
    }
  }
  for (const [name, node] of merged.flatMap(members => [...members])) {
    if (!own.has(name)) own.set(name, node)
  }
  source.members.set(map, own)
  return own
}

/** In a file that overrides another, `!reset` takes a member away, whatever its value; https://docs.docker.com/reference/compose-file/merge/ */
function withoutReset(node: Node | undefined): Node | undefined {
  return node?.tag === '!reset' ? undefined : node
}

function follow(node: Node | null | undefined, { meant, lines }: Source): Node | undefined {
  if (!isAlias(node)) return node ?? undefined
  const found = meant.get(node)
  if (found !== undefined) return found
  // Its name is not told: a password that begins with an asterisk and has no quotes is one.
  const { line, col } = lines.linePos(node.range?.[0] ?? 0)
  throw new UnreadableFile(`has an alias (*name) without an anchor before it on line ${line}, column ${col}`)
}
