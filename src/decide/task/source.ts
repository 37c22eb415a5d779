import { readJsonSource } from './source-json.ts'
import { readYamlSource } from './source-yaml.ts'
import { SourceError } from './source-tree.ts'
import type { SourceNode } from './source-tree.ts'

/** ECS takes 64 KiB of task definition; a file with comments, aliases and indentation may be longer, but not by much. */
const LONGEST_FILE_CHARACTERS = 512 * 1024

/**
 * Reads JSON, JSON with comments or YAML into a tree that knows where everything stood; throws SourceError.
 * What the text looks like decides, so that JSON called `.yml` and YAML called `.json` work too.
 */
export function readSource(text: string, path: string): SourceNode {
  if (text.length > LONGEST_FILE_CHARACTERS) {
    throw new SourceError(`has ${text.length} characters; at most ${LONGEST_FILE_CHARACTERS} are read`)
  }
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text
  if (source.trim() === '') throw new SourceError('is empty')
  const isYaml = /\.ya?ml$/i.test(path) || !looksLikeJson(source)
  try {
    return isYaml ? readYamlSource(source) : readJsonSource(source)
  } catch (error) {
    // Both parsers recurse: brackets nested ten thousand deep end the stack, not the process.
    if (error instanceof RangeError) throw new SourceError('is nested too deeply', { cause: error })
    throw error
  }
}

/** Whether the first thing after blanks and comments is a brace or bracket; a `#` comment means YAML. */
function looksLikeJson(source: string): boolean {
  let rest = source.trimStart()
  while (rest.startsWith('//') || rest.startsWith('/*')) {
    const isLine = rest.startsWith('//')
    const end = isLine ? rest.search(/[\r\n]/) : rest.indexOf('*/')
    // A comment that never ends is the JSON parser's to explain.
    if (end < 0) return true
    rest = rest.slice(isLine ? end : end + 2).trimStart()
  }
  return rest.startsWith('{') || rest.startsWith('[')
}
