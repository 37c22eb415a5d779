import { readFile, readdir } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { type BuildOptions, type Plugin, build } from 'esbuild'
import { gather } from './bundle-gather.ts'
import { importPastIndexes, leaveOutModels, RESOLVING, setAside } from './bundle-sdk.ts'

// These packages' modules do nothing when imported but do not say so in their package.json. Unless told, esbuild keeps
// undici, a third of the whole bundle, for the OIDC client that any import of @actions/core brings.
const SILENT_IMPORT = /^(@actions\/(core|exec|github|http-client|io)|undici)$/
const SILENT_MODULE = /[\\/]node_modules[\\/](@actions[\\/](core|exec|github|http-client|io)|undici)[\\/]/

const dropWhatIsUnused: Plugin = {
  name: 'drop-what-is-unused',
  setup(build) {
    build.onResolve(
      { filter: /^(\.|@actions\/|undici$)/ },
      async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === RESOLVING || !(SILENT_IMPORT.test(path) || SILENT_MODULE.test(importer))) return undefined
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: RESOLVING })
        return { ...found, sideEffects: false }
      }
    )
  }
}

// semver builds its expressions when it is loaded, and few deploys compare versions: it waits for the first call.
const loadSemverWhenCalled: Plugin = {
  name: 'load-semver-when-called',
  setup(build) {
    build.onResolve({ filter: /^semver\// }, ({ path, kind, resolveDir }) =>
      kind === 'import-statement' ? { path, namespace: 'when-called', pluginData: resolveDir } : undefined
    )
    build.onLoad({ filter: /./, namespace: 'when-called' }, ({ path, pluginData }) => ({
      contents: `export default (...given) => require('${path}')(...given)`,
      resolveDir: String(pluginData)
    }))
  }
}

/** How the action is bundled: the same options for `npm run build` and for the test that compares dist with them. */
export const BUNDLE: BuildOptions = {
  entryPoints: { index: 'src/index.ts', post: 'src/index-post.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  // The runner has Node 24; Node 20 still runs dist in tests and on older self-hosted runners.
  target: 'node20',
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  // The ESM builds of the AWS SDK can be cut down to the commands in use, their CommonJS builds cannot.
  mainFields: ['module', 'main'],
  minifyWhitespace: true,
  minifySyntax: true,
  minifyIdentifiers: true,
  legalComments: 'none',
  charset: 'utf8',
  plugins: [dropWhatIsUnused, loadSemverWhenCalled, leaveOutModels, importPastIndexes],
  logLevel: 'warning'
}

/** The whole of dist, built in memory: path below the root of the project → content. */
export async function bundle(options: BuildOptions = BUNDLE): Promise<ReadonlyMap<string, string>> {
  const aside = new Map<string, string>()
  const common = { ...options, metafile: true, write: false } as const
  const action = await build({ ...common, plugins: [...(options.plugins ?? []), setAside(aside)] })
  // Beside the chunks, which import them.
  const entries = {
    entryPoints: Object.fromEntries([...aside].sort(([a], [b]) => (a < b ? -1 : 1))),
    outdir: 'dist/chunks',
    chunkNames: '[name]-[hash]'
  }
  const rest = await build({ ...common, ...entries })
  const files = [...action.outputFiles, ...rest.outputFiles].map(
    ({ path, text }) => [relative(process.cwd(), path), text] as const
  )
  const outputs = { ...action.metafile.outputs, ...rest.metafile.outputs }
  const imports = Object.entries(outputs).map(([path, output]) => {
    const needed = output.imports.filter(({ path, kind }) => kind === 'import-statement' && path in outputs)
    return [path, needed.map(({ path }) => path)] as const
  })
  const split = { files: new Map(files), imports: new Map(imports) }
  const named = (start: string): string[] => [...split.files.keys()].filter(path => basename(path).startsWith(start))
  const gathered = await gather(split, ['dist/index.js', 'dist/post.js'], [...named('main-'), ...named('ecs-')])
  // The package around it is of ES modules.
  gathered.set('dist/package.json', '{"type":"commonjs"}\n')
  gathered.set(
    'dist/licenses.txt',
    await readLicenses(Object.keys({ ...action.metafile.inputs, ...rest.metafile.inputs }))
  )
  return new Map([...gathered].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The licenses of the packages that the given modules belong to, each text once, as they ask to be passed on. */
async function readLicenses(modules: readonly string[]): Promise<string> {
  const folders = new Set(modules.flatMap(module => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module) ?? []))
  const packages = await Promise.all([...folders].sort().map(readLicense))
  const holders = new Map<string, string[]>()
  for (const { title, text } of packages) holders.set(text, [...(holders.get(text) ?? []), title])
  return [...holders].map(([text, titles]) => `${titles.join('\n')}\n\n${text}\n`).join(`\n${'-'.repeat(80)}\n\n`)
}

async function readLicense(folder: string): Promise<{ readonly title: string; readonly text: string }> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly license: string
  }
  const file = (await readdir(folder)).sort().find(entry => /^(licen[cs]e|copying)/i.test(entry))
  const text =
    file === undefined ? license : (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim()
  return { title: `${name} ${version} (${license})`, text }
}
