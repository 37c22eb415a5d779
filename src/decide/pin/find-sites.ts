import { findJsonSites } from './json-sites.ts'
import { UnreadableFile, type SitesOfFile } from './site.ts'
import { findYamlSites } from './yaml-sites.ts'

const BYTE_ORDER_MARK = '\uFEFF'

/** Finds every image that a Compose, stack or task definition file names; throws UnreadableFile. */
export function findSites(text: string, path: string): SitesOfFile {
  const offset = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0
  try {
    const body = text.slice(offset)
    const found = (isJson(body, path) ? findJsonSites(body) : undefined) ?? findYamlSites(body)
    const sites = found.sites.map(site => ({ ...site, start: site.start + offset, end: site.end + offset }))
    return { ...found, sites: sites.sort((a, b) => a.start - b.start) }
  } catch (error) {
    // The parsers recurse: brackets nested ten thousand deep end the stack, not the process.
    if (error instanceof RangeError) throw new UnreadableFile('is nested too deeply', error)
    throw error
  }
}

/** YAML reads JSON, but not its comments, which Compose does not read either. */
function isJson(text: string, path: string): boolean {
  if (/\.ya?ml$/i.test(path)) return false
  return /\.jsonc?$/i.test(path) || /^\s*[{[]/.test(text)
}
