import { basename } from 'node:path'

/** CommonJS files by path; those below one folder name each other as `./NAME`. */
export type Files = Map<string, string>

/** A file that is loaded with its importer, or, with the helper around it, only once it is asked for. */
const REQUIRE = /(__toESM\()?require\("\.\/(?:chunks\/)?([^"]+\.js)"\)/g

/**
 * Moves what each root loads in any case into the root's own file: to find and read twenty small files takes Node longer
 * than to run them. What an entry needs, too, stays a file. Whoever else asks for something that was moved gets it from
 * the root, so every module still is there once.
 */
export function gather(files: Files, entries: readonly string[], roots: readonly string[]): Files {
  const gathered = new Map(files)
  const pathOf = (name: string): string | undefined => [...gathered.keys()].find(path => basename(path) === name)
  const kept = new Set(entries.flatMap(entry => [...needsOf(entry)]))

  function needsOf(path: string, found = new Set<string>()): Set<string> {
    for (const [, isLate, name = ''] of (gathered.get(path) ?? '').matchAll(REQUIRE)) {
      const needed = pathOf(name)
      if (isLate !== undefined || needed === undefined || found.has(needed)) continue
      found.add(needed)
      needsOf(needed, found)
    }
    return found
  }

  for (const root of roots) {
    const moved = [...needsOf(root)].filter(path => !kept.has(path) && !roots.includes(path)).sort()
    const parts = [...moved, root].map(path => [basename(path), gathered.get(path) ?? ''] as const)
    for (const path of moved) gathered.delete(path)
    gathered.set(root, asOneFile(parts))
    const names = new Set(moved.map(path => basename(path)))
    for (const [path, text] of gathered) {
      if (path === root) continue
      const told = text.replaceAll(REQUIRE, (all, helper: string | undefined, name: string) =>
        names.has(name) ? `${helper ?? ''}require("./${basename(root)}").gathered("${name}")` : all
      )
      gathered.set(path, told)
    }
  }
  return gathered
}

/** The last part is the file's own; the brackets have V8 compile each part with the file instead of after it. */
function asOneFile(parts: readonly (readonly [name: string, text: string])[]): string {
  const functions = parts.map(([name, text]) => `"${name}":(function(module,exports,require){${text.trimEnd()}\n})`)
  const own = parts.at(-1)?.[0] ?? ''
  return [
    `var parts={${functions.join(',')}},made={};`,
    'function gathered(name){var module=made[name];',
    'if(!module){module=made[name]={exports:{}};parts[name](module,module.exports,find)}return module.exports}',
    'function find(path){var name=path.slice(2);return name in parts?gathered(name):require(path)}',
    `module.exports=gathered("${own}");`,
    'Object.defineProperty(module.exports,"gathered",{value:gathered});\n'
  ].join('')
}
