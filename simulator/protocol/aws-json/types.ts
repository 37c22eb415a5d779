import type { ServiceShapes } from './shapes.ts'

/** A type of the API model, taken apart. */
export type Type =
  | { readonly kind: 'simple'; readonly name: string }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'list' | 'map'; readonly of: Type }
  | StructureType

/** A structure; its members are filled in after it was found, because structures may hold themselves. */
export interface StructureType {
  readonly kind: 'structure'
  readonly name: string
  readonly members: ReadonlyMap<string, Type>
  readonly required: readonly string[]
}

/** The types of one service, each read from its table once. */
export class Types {
  readonly #shapes: ServiceShapes
  readonly #known = new Map<string, Type>()

  constructor(shapes: ServiceShapes) {
    this.#shapes = shapes
  }

  /** The structure that an operation takes or gives; one that the tables do not know has no members. */
  structure(name: string): StructureType {
    const known = this.#known.get(name)
    if (known?.kind === 'structure') return known
    const members = new Map<string, Type>()
    const required: string[] = []
    const structure: StructureType = { kind: 'structure', name, members, required }
    this.#known.set(name, structure)
    for (const [label, type] of Object.entries(this.#shapes.structures[name] ?? {})) {
      const member = label.endsWith('!') ? label.slice(0, -1) : label
      if (member !== label) required.push(member)
      members.set(member, this.#type(type))
    }
    return structure
  }

  #type(text: string): Type {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (Object.hasOwn(this.#shapes.structures, text)) return this.structure(text)
    const type = this.#read(text)
    this.#known.set(text, type)
    return type
  }

  #read(text: string): Type {
    if (text.startsWith('[')) return { kind: 'list', of: this.#type(text.slice(1, -1)) }
    if (text.startsWith('{')) return { kind: 'map', of: this.#type(text.slice(1, -1)) }
    const values = this.#shapes.enums[text]
    return values === undefined ? { kind: 'simple', name: text } : { kind: 'enum', values: values.split('|') }
  }
}

const read = new WeakMap<ServiceShapes, Types>()

/** The types of a service's tables. */
export function typesOf(shapes: ServiceShapes): Types {
  let types = read.get(shapes)
  if (types === undefined) {
    types = new Types(shapes)
    read.set(shapes, types)
  }
  return types
}
