import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Plugin, PluginBuild } from 'esbuild'

/** Marks what a plugin asks esbuild itself, so that no plugin answers it. */
export const RESOLVING = Symbol('asks esbuild itself')

const DOCUMENT_CLIENT = /[\\/]@aws-sdk[\\/]client-(ecs|ecr)[\\/]dist-es[\\/]/
const OPERATION = /^export var (\w+\$) = \[9, n0, (\w+),/gm
const CONSTANT = /^const (\w+) = ("[^"]*");/gm

/**
 * The clients that speak documents (`DocumentProtocol`) read and write nothing by the SDK's model: of its schemas they
 * need the names of the operations, and the protocol that works by them is not theirs. Two thirds of what a deploy
 * loads of these clients would be compiled for nothing.
 */
export const leaveOutModels: Plugin = {
  name: 'leave-out-models',
  setup(build) {
    build.onResolve({ filter: /AwsJson1_1Protocol$/ }, ({ importer }) =>
      DOCUMENT_CLIENT.test(importer) ? { path: 'AwsJson1_1Protocol', namespace: 'left-out' } : undefined
    )
    build.onLoad({ filter: /./, namespace: 'left-out' }, () => ({
      contents: 'export const AwsJson1_1Protocol = undefined'
    }))
    build.onLoad({ filter: /[\\/]schemas[\\/]schemas_0\.js$/ }, async ({ path }) => {
      if (!DOCUMENT_CLIENT.test(path)) return undefined
      const source = await readFile(path, 'utf8')
      const constants = new Map([...source.matchAll(CONSTANT)].map(([, name, text]) => [name, text]))
      const operations = [...source.matchAll(OPERATION)].map(([, name = '', text]) => {
        const schema = ['9', constants.get('n0'), constants.get(text), '0', '"unit"', '"unit"']
        return `export const ${name} = [${schema.join()}]`
      })
      return { contents: ['export const errorTypeRegistries = []', ...operations].join('\n') }
    })
  }
}

const IMPORT = /^import \{([^}]*)\} from ["'](@(?:smithy|aws-sdk)\/core(?:\/[\w-]+)?)["'];?$/gm
const EXPORT = /^export \{([^}]*)\} from "([^"]+)";$/gm

/**
 * esbuild splits by whole files: whatever any run needs of an index file of the SDK is loaded by every run that needs
 * something of the same index. So what an index only passes on is imported from where it comes from.
 */
export const importPastIndexes: Plugin = {
  name: 'import-past-indexes',
  setup(build) {
    const indexes = new Map<string, Promise<ReadonlyMap<string, Origin>>>()
    build.onLoad({ filter: /[\\/](dist-es[\\/].*\.js|src[\\/]io[\\/]aws[\\/][\w-]+\.ts)$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      let contents = source
      for (const [statement, names = '', index = ''] of source.matchAll(IMPORT)) {
        if (!indexes.has(index)) indexes.set(index, readIndex(build, index, dirname(path)))
        const origins = (await indexes.get(index)) ?? new Map<string, Origin>()
        const imports = bindings(names).map(({ from: name, to }) => {
          const { name: original, path: origin } = origins.get(name) ?? { name, path: index }
          return `import { ${original} as ${to} } from ${JSON.stringify(origin)};`
        })
        contents = contents.replace(statement, imports.join(' '))
      }
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js', resolveDir: dirname(path) }
    })
  }
}

/** Where an export of an index file comes from. */
interface Origin {
  readonly name: string
  readonly path: string
}

async function readIndex(build: PluginBuild, index: string, resolveDir: string): Promise<ReadonlyMap<string, Origin>> {
  const { path } = await build.resolve(index, { resolveDir, kind: 'import-statement', pluginData: RESOLVING })
  const source = await readFile(path, 'utf8')
  return new Map(
    [...source.matchAll(EXPORT)].flatMap(([, names = '', from = '']) => {
      const origin = from.startsWith('.') ? join(dirname(path), from) : from
      return bindings(names).map(({ from: name, to }) => [to, { name, path: origin }] as const)
    })
  )
}

/** `A, B as C` in braces: what is taken, and what it is called from there on. */
function bindings(names: string): readonly { readonly from: string; readonly to: string }[] {
  return names
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
    .map(name => {
      const [from = '', to = from] = name.split(' as ')
      return { from, to }
    })
}

/**
 * What the SDK imports only when it is needed: ways to credentials that hardly any run takes. Bundled in one go with the
 * rest they would cost every run time, because modules that they share with it bring along all that either side uses.
 */
export function setAside(aside: Map<string, string>): Plugin {
  return {
    name: 'set-aside',
    setup(build) {
      build.onResolve({ filter: /^@(aws-sdk|smithy)\// }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === RESOLVING) return undefined
        const name = path.slice(1).replaceAll('/', '-')
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: RESOLVING })
        aside.set(name, found.path)
        return { path: `./${name}.js`, external: true }
      })
    }
  }
}
