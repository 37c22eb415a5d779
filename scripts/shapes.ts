import { readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as scaling from '@aws-sdk/client-application-auto-scaling'
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as ecr from '@aws-sdk/client-ecr'
import * as ecs from '@aws-sdk/client-ecs'
import type { ServiceShapes } from '../simulator/protocol/aws-json/shapes.ts'

const require = createRequire(import.meta.url)
const TABLES = new URL('../simulator/protocol/aws-json/shapes/', import.meta.url)

/** The operations the simulator serves, and the installed package whose model describes them. */
const MODELS = [
  {
    service: 'ecs',
    client: ecs,
    package: '@aws-sdk/client-ecs',
    operations: [
      'RegisterTaskDefinition',
      'DescribeTaskDefinition',
      'ListTaskDefinitions',
      'ListTaskDefinitionFamilies',
      'DeregisterTaskDefinition',
      'DescribeClusters',
      'ListClusters',
      'CreateService',
      'UpdateService',
      'DescribeServices',
      'ListServices',
      'DeleteService',
      'ListTasks',
      'DescribeTasks',
      'StopTask',
      'RunTask',
      'ListServiceDeployments',
      'DescribeServiceDeployments',
      'DescribeServiceRevisions',
      'StopServiceDeployment',
      'ContinueServiceDeployment',
      'TagResource',
      'UntagResource',
      'ListTagsForResource'
    ]
  },
  {
    service: 'ecr',
    client: ecr,
    package: '@aws-sdk/client-ecr',
    operations: [
      'GetAuthorizationToken',
      'CreateRepository',
      'DescribeRepositories',
      'DeleteRepository',
      'PutImageTagMutability',
      'DescribeImages',
      'ListImages',
      'BatchGetImage',
      'BatchDeleteImage',
      'PutImage',
      'BatchCheckLayerAvailability',
      'InitiateLayerUpload',
      'UploadLayerPart',
      'CompleteLayerUpload',
      'GetDownloadUrlForLayer',
      'GetLifecyclePolicy',
      'StartImageScan',
      'DescribeImageScanFindings'
    ]
  },
  {
    service: 'application-autoscaling',
    client: scaling,
    package: '@aws-sdk/client-application-auto-scaling',
    operations: ['DescribeScalableTargets', 'RegisterScalableTarget', 'DeregisterScalableTarget']
  },
  {
    service: 'monitoring',
    client: cloudwatch,
    package: '@aws-sdk/client-cloudwatch',
    operations: ['DescribeAlarms']
  }
] as const

type Model = (typeof MODELS)[number]

// What the numbers in an SDK schema mean: the kinds of a tuple's first element, and the simple types of a member.
const KIND_LIST = 1
const KIND_MAP = 2
const KIND_STRUCTURE = 3
const KIND_UNION = 4
const SIMPLE: Readonly<Record<number, string>> = {
  0: 'string',
  1: 'number',
  2: 'boolean',
  4: 'timestamp',
  5: 'timestamp',
  6: 'timestamp',
  7: 'timestamp',
  15: 'document',
  21: 'blob'
}
const LIST_OF_SIMPLE = 64
const MAP_OF_SIMPLE = 128

/** The shapes of everything the served operations of one SDK client take and give. */
export function shapesOf(service: string): ServiceShapes {
  const model = MODELS.find(candidate => candidate.service === service)
  if (model === undefined) throw new Error(`no model for ${service}`)
  return new Reader(model).read()
}

class Reader {
  readonly #model: Model
  readonly #exports: ReadonlyMap<string, unknown>
  /** `Structure.member` → the TypeScript type the SDK declares for it; only there are a member's enum values told. */
  readonly #declared: ReadonlyMap<string, string>
  readonly #structures: Record<string, Record<string, string>> = {}
  readonly #enums: Record<string, string> = {}

  constructor(model: Model) {
    this.#model = model
    this.#exports = new Map(Object.entries(model.client))
    this.#declared = readDeclarations(model.package)
  }

  read(): ServiceShapes {
    const operations: Record<string, { input: string; output: string }> = {}
    for (const name of this.#model.operations) {
      const schema = asTuple(this.#exports.get(`${name}$`))
      operations[name] = { input: this.#type(schema[4], ''), output: this.#type(schema[5], '') }
    }
    return { operations, structures: sorted(this.#structures), enums: sorted(this.#enums) }
  }

  #type(schema: unknown, declared: string): string {
    const type = withoutTraits(schema)
    if (typeof type === 'number') return this.#simple(type, declared)
    const tuple = asTuple(type)
    switch (tuple[0]) {
      case KIND_LIST:
        return `[${this.#type(tuple[4], declared)}]`
      case KIND_MAP:
        return `{${this.#type(tuple[5], '')}}`
      case KIND_STRUCTURE:
      case KIND_UNION:
        return this.#structure(tuple)
      default:
        throw new Error(`schema of kind ${String(tuple[0])} is not known`)
    }
  }

  #simple(type: number, declared: string): string {
    if ((type & MAP_OF_SIMPLE) !== 0) return `{${this.#simple(type & ~MAP_OF_SIMPLE, '')}}`
    if ((type & LIST_OF_SIMPLE) !== 0) return `[${this.#simple(type & ~LIST_OF_SIMPLE, declared)}]`
    const name = SIMPLE[type]
    if (name === undefined) throw new Error(`simple schema ${String(type)} is not known`)
    return name === 'string' ? (this.#enum(declared) ?? name) : name
  }

  #enum(declared: string): string | undefined {
    const name = declared.replace(/\[\]$/, '')
    const values = this.#exports.get(name)
    if (!/^[A-Z]\w*$/.test(name) || typeof values !== 'object' || values === null || Array.isArray(values)) return
    this.#enums[name] = Object.values(values).join('|')
    return name
  }

  #structure(tuple: readonly unknown[]): string {
    const name = String(tuple[2])
    if (name in this.#structures) return name
    const members: Record<string, string> = {}
    this.#structures[name] = members
    const names = asTuple(tuple[4])
    const types = asTuple(tuple[5])
    // The model lists required members first and says how many there are.
    const required = typeof tuple[6] === 'number' ? tuple[6] : 0
    for (const [index, member] of names.entries()) {
      const declared = this.#declared.get(`${name}.${String(member)}`) ?? ''
      members[String(member) + (index < required ? '!' : '')] = this.#type(types[index], declared)
    }
    return name
  }
}

/** A schema is the type itself, a function that gives it, or a pair of either with its traits. */
function withoutTraits(schema: unknown): unknown {
  if (typeof schema === 'function') return withoutTraits(Reflect.apply(schema, undefined, []))
  if (Array.isArray(schema) && typeof schema[1] === 'number' && schema.length === 2) return withoutTraits(schema[0])
  return schema
}

function asTuple(schema: unknown): readonly unknown[] {
  if (!Array.isArray(schema)) throw new Error(`${String(schema)} is no schema: has the SDK changed its layout?`)
  return schema
}

function sorted<T>(table: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function readDeclarations(packageName: string): Map<string, string> {
  const models = join(dirname(require.resolve(packageName)), '..', 'dist-types', 'models')
  const declared = new Map<string, string>()
  for (const file of ['models_0.d.ts', 'models_1.d.ts']) {
    const text = readOptional(join(models, file))
    for (const [, name = '', body = ''] of text.matchAll(/^export interface (\w+)[^{]*\{\n([^]*?)^\}/gm)) {
      for (const [, member = '', type = ''] of body.matchAll(/^ {4}(\w+)\??: (.+?)(?: \| undefined)?;$/gm)) {
        declared.set(`${name}.${member}`, type)
      }
    }
  }
  return declared
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // A small client has one models file.
    return ''
  }
}

/** The table as it is committed. */
export function formatShapes(shapes: ServiceShapes): string {
  return `${JSON.stringify(shapes, undefined, 2)}\n`
}

/** Where the table of a service is committed. */
export function shapesFile(service: string): URL {
  return new URL(`${service}.json`, TABLES)
}

/** The services whose tables are made from the installed SDK. */
export const MODELLED_SERVICES: readonly string[] = MODELS.map(model => model.service)

const started = process.argv[1]
if (started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)) {
  for (const service of MODELLED_SERVICES) writeFileSync(shapesFile(service), formatShapes(shapesOf(service)))
}
