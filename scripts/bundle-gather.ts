import { basename, dirname, join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

/** Texts by path below the root of the project. */
export type Files = Map<string, string>

/** What esbuild made of ES modules with `splitting`: the text of each file, and what it imports in any case. */
export interface Split {
  readonly files: ReadonlyMap<string, string>
  readonly imports: ReadonlyMap<string, readonly string[]>
}

/**
 * Only ES modules can be split and cut down to what is used, but Node is quicker to load CommonJS: it links nothing, and
 * of its own modules it reads only what is asked for. As an ES module node:http loads Node's copy of undici.
 */
const AS_COMMON_JS: BuildOptions = {
  bundle: true,
  write: false,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  supported: { 'dynamic-import': false },
  logLevel: 'warning'
}

const REQUIRE = /\brequire\("(\.[^"]+\.js)"\)/g

/**
 * Makes CommonJS of split ES modules, and one file of what is loaded together in any case: what the entries need, and
 * for each root what else it needs. To find and read twenty small files takes Node longer than to run them. Every module
 * still is there once: whoever else asks for one that was moved gets it from the file that has it.
 */
export async function gather(split: Split, entries: readonly string[], roots: readonly string[]): Promise<Files> {
  const homes = new Map<string, string>()
  const move = (home: string, members: Iterable<string>): void => {
    for (const path of members) if (!homes.has(path)) homes.set(path, home)
  }
  const shared = join(dirname(roots[0] ?? ''), 'shared.js')
  for (const root of roots) homes.set(root, root)
  for (const entry of entries) move(shared, needsOf(split, entry))
  for (const root of roots) move(root, needsOf(split, root))

  const gathered: Files = new Map()
  for (const [path, text] of split.files) {
    if (!homes.has(path)) gathered.set(path, await asCommonJs(split, path, text, [path]))
  }
  for (const home of new Set(homes.values())) {
    const members = [...homes].filter(([, at]) => at === home).map(([path]) => path)
    const own = home === shared ? '' : `export * from "./${basename(home)}";`
    const others = members.filter(path => path !== home).sort()
    const text = others.map(path => `export * as ${nameOf(path)} from "./${basename(path)}";`)
    gathered.set(home, await asCommonJs(split, home, [own, ...text].join(''), members))
  }
  for (const [path, text] of gathered) {
    const told = text.replaceAll(REQUIRE, (all, named: string) => {
      const needed = join(dirname(path), named)
      const home = homes.get(needed)
      return home === undefined || home === needed
        ? all
        : `${all.replace(basename(needed), basename(home))}.${nameOf(needed)}`
    })
    gathered.set(path, told)
  }
  return gathered
}

function needsOf(split: Split, path: string, found = new Set<string>()): Set<string> {
  for (const needed of split.imports.get(path) ?? []) {
    if (found.has(needed)) continue
    found.add(needed)
    needsOf(split, needed, found)
  }
  return found
}

function nameOf(path: string): string {
  return basename(path, '.js').replaceAll(/\W/g, '_')
}

/** The text, with those of the given files in it that it or one of them imports; all others it requires. */
async function asCommonJs(split: Split, path: string, contents: string, members: readonly string[]): Promise<string> {
  const { outputFiles } = await build({
    ...AS_COMMON_JS,
    write: false,
    stdin: { contents, sourcefile: path },
    plugins: [
      {
        name: 'members',
        setup(bundler) {
          bundler.onResolve({ filter: /./ }, ({ path: named, importer, kind }) => {
            const needed = join(dirname(importer), named)
            const isMember = members.includes(needed) && kind === 'import-statement'
            return isMember ? { path: needed, namespace: 'split' } : { path: named, external: true }
          })
          bundler.onLoad({ filter: /./, namespace: 'split' }, ({ path: needed }) => ({
            contents: split.files.get(needed) ?? ''
          }))
        }
      }
    ]
  })
  return outputFiles[0]?.text ?? ''
}
