import { Failure } from '../../failure.ts'
import { withoutLogin } from '../login.ts'
import { quoted } from '../wording.ts'
import { exactness } from './exact.ts'
import {
  formatImageReference,
  parseImageReference,
  parseRepository,
  type ImageReference,
  type RepositoryName
} from './reference.ts'

/** One image to copy, and where to. */
export interface MirrorLine {
  /** Exact: with a digest, or with a tag that names one version. */
  readonly source: ImageReference
  /** The repository in ECR; without a registry the one of the job's account and region. */
  readonly target: RepositoryName
  /** Undefined when only a digest names the source and nothing names the target: the copy has no tag either. */
  readonly tag: string | undefined
  /** Whether the line names the tag for the target; else it is the source's own. */
  readonly isTagGiven: boolean
}

const ARROW = '->'

/**
 * Reads the input `mirror`: lines `source [-> target]`, blank lines and comments (`#`) aside. Without a target it is the
 * repository of the source's own path, e.g. `library/nginx`; a target without a tag takes the source's. Fails with
 * `invalid-input` and a sentence a line about all that is wrong.
 */
export function parseMirrorLines(text: string): readonly MirrorLine[] {
  const lines: MirrorLine[] = []
  const problems: string[] = []
  const writtenAs = new Map<string, string>()
  for (const raw of text.split(/\r?\n/)) {
    const written = raw.replace(/(^|\s)#.*$/, '').trim()
    if (written === '') continue
    try {
      const line = parseLine(written)
      const target = describeTarget(line)
      const other = writtenAs.get(target)
      if (other !== undefined && line.tag !== undefined)
        problems.push(`${quoted(other)} and ${quoted(written)} have the same target`)
      writtenAs.set(target, written)
      lines.push(line)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      problems.push(`${error.message}${error.remedy === undefined ? '' : `: ${error.remedy}`}`)
    }
  }
  if (problems.length > 0) throw new Failure('invalid-input', problems.map(problem => `mirror: ${problem}`).join('\n'))
  return lines
}

/** The target as the user could have written it: `host/name:tag`, as far as it is known. */
export function describeTarget({ target, tag, source }: MirrorLine): string {
  const host = target.registry === undefined ? '' : `${target.registry}/`
  return `${host}${target.repository}${tag === undefined ? `@${source.digest ?? ''}` : `:${tag}`}`
}

function parseLine(written: string): MirrorLine {
  const [from = '', to, more] = written.split(ARROW).map(part => part.trim())
  if (more !== undefined || from === '' || to === '') {
    throw new Failure('invalid-input', `the line ${quoted(withoutLogin(written))} is not 'source -> target'`)
  }
  const source = parseImageReference(from)
  refuseInexact(source, from)
  if (to === undefined) {
    return {
      source,
      target: { registry: undefined, repository: source.repository },
      tag: source.tag,
      isTagGiven: false
    }
  }
  const { repository, registry, tag, digest } = parseTarget(to)
  if (digest !== undefined) {
    throw new Failure('invalid-input', `the target ${quoted(to)} has a digest`, {
      remedy: 'leave it out: a copy has the digest of its source'
    })
  }
  return { source, target: { registry, repository }, tag: tag ?? source.tag, isTagGiven: tag !== undefined }
}

/** A target without a host is in ECR, and not on Docker Hub as an image reference would be. */
function parseTarget(text: string): RepositoryName & Pick<ImageReference, 'tag' | 'digest'> {
  const { tag, digest } = parseImageReference(text)
  const end = text.length - (tag === undefined ? 0 : tag.length + 1) - (digest === undefined ? 0 : digest.length + 1)
  return {
    ...parseRepository(text.slice(0, end)),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest })
  }
}

function refuseInexact(source: ImageReference, written: string): void {
  if (source.digest !== undefined) return
  const found = exactness(source.tag)
  if (found.kind === 'exact') return
  throw new Failure('invalid-input', `the source ${quoted(written)} is not exact: ${found.why}`, {
    remedy: `name one version or a digest, e.g. ${formatImageReference({ registry: source.registry, repository: source.repository })}:1.2.3`
  })
}
