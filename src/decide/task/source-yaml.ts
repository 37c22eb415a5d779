import { isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml'
import type { Alias, Node, Pair, YAMLMap } from 'yaml'
import { Budget, positionsOf, rejectDuplicates, SourceError } from './source-tree.ts'
import type { Position, SourceMember, SourceNode } from './source-tree.ts'
import { resolveAliases } from '../yaml-aliases.ts'
import { excessOfYaml } from '../yaml-limits.ts'

interface YamlSource {
  readonly position: (offset: number) => Position
  readonly budget: Budget
  /** What every alias stands for: the last node before it that has its anchor. */
  readonly meant: ReadonlyMap<Alias, Node>
}

/** Reads one YAML 1.2 document (core schema, anchors, aliases, merge keys); throws SourceError. */
export function readYamlSource(text: string): SourceNode {
  const excess = excessOfYaml(text)
  if (excess !== undefined) throw new SourceError(excess)
  const position = positionsOf(text)
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    // The builder below looks for duplicates itself: the library's search is quadratic.
    uniqueKeys: false,
    // Pretty errors quote the file, and the file may hold secrets.
    prettyErrors: false,
    logLevel: 'silent'
  })
  for (const { errors, warnings } of documents) {
    // A tag nobody knows (`!Sub`, `!Ref`) is only a warning to the library; to ignore it would change the meaning.
    const [problem] = [...errors, ...warnings]
    if (problem !== undefined) {
      throw new SourceError(`is no valid YAML: ${describe(problem)}`, { at: position(problem.pos[0]) })
    }
  }
  const [document, second] = documents
  if (second !== undefined) {
    throw new SourceError('holds more than one YAML document', { at: position(second.range[0]) })
  }
  if (document === undefined || document.contents === null) throw new SourceError('holds no YAML document')
  return build(document.contents, 0, { position, budget: new Budget(), meant: resolveAliases(document) })
}

function build(node: Node | null, level: number, source: YamlSource): SourceNode {
  const at = source.position(node?.range?.[0] ?? 0)
  source.budget.spend(level, at)
  if (node === null) return { kind: 'scalar', at, value: null, written: '' }
  if (isAlias(node)) return build(meaningOf(node, source), level + 1, source)
  if (isMap(node)) {
    const members = buildMembers(node, level, source)
    rejectDuplicates(members.own)
    const own = new Set(members.own.map(member => member.name))
    return { kind: 'object', at, members: [...members.own, ...members.merged.filter(({ name }) => !own.has(name))] }
  }
  if (isSeq(node)) {
    return { kind: 'list', at, items: node.items.map(item => build(item as Node | null, level + 1, source)) }
  }
  if (!isScalar(node)) throw new SourceError('is no valid YAML', { at })
  const { value } = node
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'scalar', at, value, written: typeof value === 'string' ? value : (node.source ?? '') }
  }
  throw new SourceError('holds a value that JSON does not have', { at })
}

function buildMembers(map: YAMLMap, level: number, source: YamlSource) {
  const own: SourceMember[] = []
  const merged: SourceMember[] = []
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const key = isAlias(pair.key) ? meaningOf(pair.key, source) : pair.key
    const at = source.position(pair.key.range?.[0] ?? 0)
    if (!isScalar(key)) throw new SourceError('has a member whose name is no text', { at })
    const value = build(pair.value, level + 1, source)
    if (key.value === '<<' && key.type === 'PLAIN') merged.push(...membersToMerge(value, at, merged))
    else own.push({ name: typeof key.value === 'string' ? key.value : (key.source ?? ''), at, value })
  }
  return { own, merged }
}

/** `<<: *base` or `<<: [*first, *second]`: members that are not there yet, the earlier object first. */
function membersToMerge(value: SourceNode, at: Position, already: readonly SourceMember[]): SourceMember[] {
  const names = new Set(already.map(member => member.name))
  const added: SourceMember[] = []
  for (const from of value.kind === 'list' ? value.items : [value]) {
    if (from.kind !== 'object') throw new SourceError("merges something that is no object with '<<'", { at })
    for (const member of from.members) {
      if (!names.has(member.name)) added.push(member)
      names.add(member.name)
    }
  }
  return added
}

function meaningOf(alias: Alias, source: YamlSource): Node {
  const node = source.meant.get(alias)
  if (node !== undefined) return node
  const at = source.position(alias.range?.[0] ?? 0)
  // Its name is not told: a password that begins with an asterisk and has no quotes is one.
  throw new SourceError('has an alias (*name) without an anchor before it', { at })
}

/** The library's wording without the pieces of the file that some of its sentences end in. */
function describe(problem: { readonly code: string; readonly message: string }): string {
  if (problem.code === 'RESOURCE_EXHAUSTION') return 'it is nested too deeply'
  const words = problem.code.replaceAll('_', ' ').toLowerCase()
  return problem.code === 'TAG_RESOLVE_FAILED'
    ? 'a tag (!name) is not understood here'
    : /["'`]|: /.test(problem.message)
      ? words
      : problem.message.charAt(0).toLowerCase() + problem.message.slice(1)
}
