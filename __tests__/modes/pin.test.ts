import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse } from 'yaml'
import { parseVersionRange } from '../../src/decide/version/highest.ts'
import type { Event } from '../../src/event.ts'
import { Failure } from '../../src/failure.ts'
import type { PinInputs } from '../../src/inputs/pin.ts'
import type { WorkspaceFiles } from '../../src/io/workspace-files.ts'
import { UNSET } from '../../src/decide/pin/settings.ts'
import { pin } from '../../src/modes/pin.ts'
import { REGISTRY, shop, tagsOf } from '../action/shop.ts'
import { virtualWorld, type VirtualWorld } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'

const VERSIONS = ['1.4.2', '1.9.0', '2.0.0']
const HIGHEST = { any: '2.0.0', '^1': '1.9.0' } as const

let virtual: VirtualWorld
let digests: Readonly<Record<string, Readonly<Record<string, string>>>>

beforeAll(() => {
  const images = VERSIONS.map(tag => ({ tags: [tag] }))
  const world = shop({ images, repositories: [{ name: 'proxy', images }], service: { desiredCount: 0 } })
  virtual = virtualWorld(world, [])
  const state = virtual.simulator.state()
  digests = { web: tagsOf(state, 'web'), proxy: tagsOf(state, 'proxy') }
})

afterAll(() => {
  virtual.close()
})

const INPUTS: PinInputs = {
  mode: 'pin',
  dryRun: false,
  attempts: 1,
  summary: false,
  files: ['*'],
  check: false,
  highest: undefined,
  service: undefined,
  allowed: []
}

/** Runs the mode over files in memory; says how it ended, what it warned of, and what the files hold then. */
async function run(files: Readonly<Record<string, string>>, inputs: Partial<PinInputs>) {
  const after = { ...files }
  const workspace: WorkspaceFiles = {
    find: () => Promise.resolve(Object.keys(files)),
    read: path => Promise.resolve({ path, text: files[path] ?? '' }),
    settingsFor: () => Promise.resolve(UNSET),
    replace(changes) {
      for (const { file, text } of changes) after[file.path] = text
      return Promise.resolve()
    }
  }
  const events: Event[] = []
  const ending = await pin({
    inputs: { ...INPUTS, ...inputs },
    event: { name: 'push', ref: '', sha: '', payload: {} },
    source: undefined,
    world: { ...virtual.world, workspaceFiles: () => Promise.resolve(workspace) },
    emit: event => events.push(event),
    known: {}
  }).catch((error: unknown) => {
    if (error instanceof Failure && error.code !== 'internal-error')
      return { outcome: 'refused', reason: error.message }
    throw error
  })
  return { ...ending, files: after, warnings: events.flatMap(event => (event.kind === 'warning' ? [event.text] : [])) }
}

/** What Compose makes of a value when no variable is set; undefined when it refuses it. */
function interpolated(value: string): string | undefined {
  const [variable, operator = '', rest = ''] = /\$\{\w+(:?[-?+])?([^{}]*)\}/.exec(value) ?? []
  if (variable === undefined) return value.includes('$') ? undefined : value
  if (operator.endsWith('?')) return undefined
  return interpolated(value.replace(variable, () => (operator.endsWith('-') ? rest : '')))
}

interface Parsed {
  readonly services?: Readonly<Record<string, Service | null>>
  readonly containerDefinitions?: readonly Pick<Service, 'image'>[]
}

interface Service {
  readonly image?: string | null
  readonly build?: unknown
  readonly volumes?: readonly { readonly type: string; readonly source: string }[]
}

/** The images that would be started, found without anything of ours; undefined for one that is refused. */
function imagesOf(files: Readonly<Record<string, string>>): readonly (string | undefined)[] {
  return Object.entries(files).flatMap(([path, text]) => {
    const customTags = [
      { tag: '!reset', resolve: () => null },
      { tag: '!override', resolve: (written: string) => written }
    ]
    const { services = {}, containerDefinitions = [] } = parse(text, { merge: true, customTags }) as Parsed
    if (path.endsWith('.json')) return containerDefinitions.flatMap(({ image }) => image ?? [])
    const all = Object.values(services).map(service => service ?? {})
    const built = all.flatMap(({ image, build }) =>
      image != null && build != null ? [image, interpolated(image)] : []
    )
    return all.flatMap(({ image, build, volumes = [] }) => {
      const own = image != null && build == null ? [image] : []
      const named = [...own, ...volumes.filter(({ type }) => type === 'image').map(({ source }) => source)]
      return named
        .filter(each => ![each, interpolated(each)].some(one => !one?.includes('@') && built.includes(one)))
        .map(interpolated)
    })
  })
}

interface Drawn {
  readonly repository: 'web' | 'proxy'
  readonly tag: string | undefined
  readonly digestOf: string | undefined
  readonly variables: string
  readonly operator: string
  readonly style: string
}

const image: fc.Arbitrary<Drawn> = fc.record({
  repository: fc.constantFrom('web', 'proxy'),
  tag: fc.constantFrom('1.9.0', '2.0.0', '1.9.0', '2.0.0', '1.4.2', undefined, '9.9.9'),
  // Most are exact: of all others a check has only one thing to say.
  digestOf: fc.constantFrom(...VERSIONS, ...VERSIONS, undefined),
  variables: fc.constantFrom(
    '',
    '',
    '',
    'host',
    'tag',
    'digest',
    'ending',
    'all',
    'major',
    'nested',
    'nothing',
    'more'
  ),
  operator: fc.constantFrom(':-', ':-', ':-', '-', ':?', ':+', ''),
  style: fc.constantFrom('plain', 'plain', 'double', 'single', 'merged', 'alias', 'volume', 'built', 'reset', 'unbuilt')
})

function write({ repository, tag, digestOf, variables, operator }: Drawn): string {
  const host = `${REGISTRY}/`
  const known = digests[repository] ?? {}
  // A tag has its own digest, or one that it does not have; one that is not there has any.
  const of = digestOf === '1.4.2' ? digestOf : (tag ?? digestOf)
  const own = digestOf === undefined ? '' : `@${known[of ?? ''] ?? known[digestOf] ?? ''}`
  const set = (name: string, value: string): string => `\${${name}${operator}${operator === '' ? '' : value}}`
  const colon = tag === undefined ? '' : ':'
  const name = `${repository}${colon}`
  const [major = '', ...minor] = (tag ?? '').split(/(?=\.)/)
  switch (variables) {
    case 'host':
      return `${set('HOST', host)}${name}${tag ?? ''}${own}`
    case 'tag':
      return `${host}${name}${set('TAG', tag ?? '')}${own}`
    case 'digest':
      return `${host}${name}${tag ?? ''}${set('DIGEST', own)}`
    case 'ending':
      return `${host}${name}${set('TAG', `${tag ?? ''}${own}`)}`
    case 'all':
      return set('IMAGE', `${host}${name}${tag ?? ''}${own}`)
    case 'major':
      return `${host}${name}${set('MAJOR', major)}${minor.join('')}${own}`
    case 'nested':
      return `${host}${name}${set('TAG', `\${OTHER:-${tag ?? ''}${own}}`)}`
    case 'nothing':
      return `${host}${name}${tag ?? ''}${own}${set('SUFFIX', '')}`
    case 'more':
      return `${host}${name}${tag ?? ''}${set('SUFFIX', '-alpine')}${own}`
    default:
      return `${host}${name}${tag ?? ''}${own}`
  }
}

function compose(drawn: readonly Drawn[]): string {
  const lines = drawn.flatMap((each, at) => {
    const [name, value] = [`s${String(at)}`, write(each)]
    switch (each.style) {
      case 'double':
        return [`  ${name}: {image: "${value}"}`]
      case 'single':
        return [`  ${name}:`, `    image: '${value}' # as it is`]
      case 'merged':
        return [`  ${name}: &${name} {image: "${value}"}`, `  more-${name}: {<<: *${name}, restart: always}`]
      case 'alias':
        return [`  ${name}: {image: &${name} "${value}"}`, `  more-${name}: {image: *${name}}`]
      case 'volume':
        return [`  ${name}:`, `    volumes: [{type: bind, source: .}, {type: image, source: "${value}"}]`]
      case 'built':
        return [`  ${name}: {build: ., image: "${value}"}`]
      case 'reset':
        return [`  ${name}:`, `    image: !reset ${value}`]
      case 'unbuilt':
        return [`  ${name}: {build: !reset null, image: !override "${value}"}`]
      default:
        return [`  ${name}:`, `    image: ${value}`]
    }
  })
  return ['services:', '  none: {}', ...lines, ''].join('\n')
}

function task(drawn: readonly Drawn[]): string {
  const containers = drawn.map((each, at) => ({ name: `c${String(at)}`, image: write(each) }))
  return JSON.stringify({ family: 'web', containerDefinitions: [...containers, { name: 'later' }] })
}

const filesDrawn = fc.record({
  compose: fc.array(image, { maxLength: 2 }),
  override: fc.array(image, { maxLength: 1 }),
  task: fc.array(image, { maxLength: 1 })
})

const asked = fc.record({
  highest: fc.constantFrom(undefined, 'any', '^1'),
  of: fc.constantFrom(undefined, 'web'),
  allowed: fc.constantFrom([], [], [`${REGISTRY}/proxy`])
})

describe('whatever the files', () => {
  test('what a check calls fine is exact and as high as it is to be, and there is nothing to write', async () => {
    const seen = { fine: 0, red: 0 }
    await fc.assert(
      fc.asyncProperty(filesDrawn, asked, async (drawn, { highest, of, allowed }) => {
        const files = { 'a.yaml': compose(drawn.compose), 'b.yml': compose(drawn.override), 'c.json': task(drawn.task) }
        const range = highest === '^1' ? parseVersionRange(highest) : undefined
        const repository = of && { registry: undefined, repository: of }
        const inputs = { allowed, highest: highest && { filter: { range, prerelease: false }, repository } }
        const isFine = (found: string | undefined): boolean => {
          const [, name = '', digest] = /^(.*?)@(sha256:[0-9a-f]{64})$/.exec(found ?? '') ?? []
          if (allowed.some(pattern => (found ?? '').startsWith(pattern))) return true
          const [path = '', tag] = name.slice(REGISTRY.length + 1).split(':')
          if (highest === undefined || (of !== undefined && path !== of)) return digest !== undefined
          return tag === HIGHEST[highest] && digest === digests[path]?.[tag]
        }
        const checked = await run(files, { ...inputs, check: true })
        const written = await run(files, inputs)
        expect(checked.files).toEqual(files)
        if (checked.outcome === 'unchanged') expect(imagesOf(files).filter(found => !isFine(found))).toEqual([])
        expect(written.outcome === 'unchanged').toBe(checked.outcome === 'unchanged')
        if (written.outcome === 'refused') expect(written.files).toEqual(files)
        else {
          expect(imagesOf(written.files).filter(found => !isFine(found))).toEqual([])
          expect(await run(written.files, { ...inputs, check: true })).toMatchObject({ outcome: 'unchanged' })
        }
        if (imagesOf(files).length > 0) seen[checked.outcome === 'unchanged' ? 'fine' : 'red'] += 1
      }),
      { numRuns: 500 }
    )
    // A property about what never happens proves nothing.
    expect(Math.min(seen.fine, seen.red)).toBeGreaterThan(20)
  })
})

describe('version: highest', () => {
  const highest = { filter: { range: undefined, prerelease: false }, repository: undefined }
  const exact = `nginx:1.27.3@sha256:${'a'.repeat(64)}`

  test.each([true, false])(
    'warns when no image is one of those that have a highest version (check: %s)',
    async check => {
      const files = { 'compose.yaml': `services: {web: {image: "${exact}"}}` }
      expect(await run(files, { check, highest })).toMatchObject({
        outcome: 'unchanged',
        warnings: ['no file names an image that is to have its highest version']
      })
      expect((await run(files, { check })).warnings).toEqual([])
    }
  )
})
