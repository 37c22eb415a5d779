import { execFile } from 'node:child_process'
import { relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { LoggedCommit, Parents } from '../decide/version/commits.ts'
import { Failure } from '../failure.ts'

const execute = promisify(execFile)

/** Reading one file of a clone; a network file system may take a moment. */
const TIMEOUT_MS = 10_000

/** Walking through the whole history of a large repository, with paths compared at each commit. */
const HISTORY_TIMEOUT_MS = 120_000

/** 10,000 commits with a page of text each. */
const LARGEST_OUTPUT_BYTES = 64 * 1024 * 1024

/** A version years old, or none that was made from this repository: more would be read for nothing. */
const MOST_COMMITS = 10_000

type Environment = Readonly<Record<string, string | undefined>>

/** How much of a history a clone has. */
export type HistoryDepth = 'none' | 'shallow' | 'whole'

/** A git tag and the commit it was put on. */
export interface GitTag {
  readonly name: string
  readonly sha: string
}

/** Which commits of a history are asked for. */
export interface CommitRange {
  /** Full id; what is part of it already is left out. */
  readonly since: string
  /** Full id of the last one. */
  readonly until: string
  /** Only those that touch one of these files and directories; empty means all. */
  readonly paths: readonly string[]
}

/** What a clone can be asked; it is only ever read. */
export interface Git {
  depth(): Promise<HistoryDepth>
  /** All tags that are on a commit. */
  tags(): Promise<readonly GitTag[]>
  /** The full id of the commit that an id, maybe an abbreviated one, stands for; undefined when the clone has none. */
  findCommit(id: string): Promise<string | undefined>
  /** When a commit was made, in RFC 3339; undefined when the clone has no such commit. */
  committedAt(id: string): Promise<string | undefined>
  /**
   * Newest first, and none before what is made on it; fails with `invalid-input` when there are more than 10,000 or git
   * cannot read them, and with `history-missing` where the clone has no trees to tell what they touch.
   */
  commits(range: CommitRange): Promise<readonly LoggedCommit[]>
  /** The parents of all commits after one and up to another, whatever they touch, by full id. */
  parents(range: Omit<CommitRange, 'paths'>): Promise<Parents>
  /** Those of the paths below the root at which a commit has a file or a directory. */
  findPaths(sha: string, paths: readonly string[]): Promise<readonly string[]>
}

/** The clone in a directory. */
export function createGit(directory: string, environment: Environment, signal?: AbortSignal): Git {
  async function ask(args: readonly string[]): Promise<string | undefined> {
    return run(directory, environment, args, TIMEOUT_MS, signal).catch(() => {
      signal?.throwIfAborted()
      return undefined
    })
  }
  async function peel(id: string): Promise<string | undefined> {
    const found = await ask(['rev-parse', '--verify', '--quiet', `${id}^{commit}`])
    return found === undefined || found.trim() === '' ? undefined : found.trim()
  }
  return {
    async depth() {
      const answer = await ask(['rev-parse', '--is-shallow-repository'])
      if (answer === undefined) return 'none'
      return answer.trim() === 'false' ? 'whole' : 'shallow'
    },

    async tags() {
      const format = '%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)'
      const listed = await read(directory, environment, ['for-each-ref', `--format=${format}`, 'refs/tags'], signal)
      const tags: GitTag[] = []
      for (const line of listed.split('\n')) {
        const { name, type, id } = readTag(line)
        // Git looks one tag deep here, and a tag may be on a tag.
        const sha = type === 'tag' ? await peel(id) : type === 'commit' ? id : undefined
        if (sha !== undefined) tags.push({ name, sha })
      }
      return tags
    },

    async findCommit(id) {
      if (!/^[0-9a-f]{7,64}$/.test(id)) return undefined
      return peel(id)
    },

    async committedAt(id) {
      const args = ['log', '--max-count=1', '--format=%cI', '--no-show-signature', '--end-of-options', id]
      const found = (await ask(args))?.trim()
      return found === '' ? undefined : found
    },

    async commits({ since, until, paths }) {
      const args = [
        ...['log', '-z', '--format=%H%n%B', '--encoding=UTF-8', '--no-show-signature', '--no-color'],
        // Commits of one second come in any order otherwise, a revert after what it reverts.
        '--date-order',
        `--max-count=${String(MOST_COMMITS + 1)}`,
        // A merge brings the title of its pull request, also where the paths alone would not show it.
        ...(paths.length > 0 ? ['--show-pulls'] : []),
        ...['--end-of-options', until, `^${since}`, '--', ...paths.map(path => `:(top,literal)${path}`)]
      ]
      const listed = await read(directory, environment, args, signal)
      const commits = listed.split('\0').flatMap(entry => readCommit(entry))
      if (commits.length <= MOST_COMMITS) return commits
      throw new Failure('invalid-input', `there are more than ${String(MOST_COMMITS)} commits since the last version`, {
        remedy: "give this version by hand in 'version'; the one after it is counted from there"
      })
    },

    async parents({ since, until }) {
      const args = ['rev-list', '--date-order', '--parents', '--end-of-options', until, `^${since}`]
      const lines = (await read(directory, environment, args, signal)).split('\n')
      return new Map(lines.filter(line => line !== '').map(line => split(line)))
    },

    async findPaths(sha, paths) {
      const found: string[] = []
      for (const path of paths) {
        const args = ['ls-tree', '-z', '--full-tree', '--name-only', sha, '--', path]
        if ((await read(directory, environment, args, signal)) !== '') found.push(path)
      }
      return found
    }
  }
}

function split(line: string): readonly [string, readonly string[]] {
  const [sha = '', ...parents] = line.split(' ')
  return [sha, parents]
}

/** A working tree and the full id of the commit that is checked out in it. */
export interface Checkout {
  readonly directory: string
  /** Undefined when it is no clone, or has no commit yet, or there is no git. */
  readonly head: string | undefined
  /**
   * Where the directory that was asked for lies below the root of the clone, '' for the root itself; of one in a
   * submodule, where that lies, since nothing below it is the clone's. Undefined when it lies elsewhere.
   */
  readonly place: string | undefined
}

/**
 * The clone that a directory is part of. A submodule is part of a commit of the repository around it, which is the one
 * that branches and versions are about.
 */
async function checkoutAt(
  directory: string,
  environment: Environment,
  signal: AbortSignal | undefined,
  module?: string
): Promise<Checkout> {
  async function ask(...args: readonly string[]): Promise<string | undefined> {
    const said = await run(directory, environment, ['rev-parse', ...args], TIMEOUT_MS, signal).catch(() => '')
    signal?.throwIfAborted()
    // Only the line end goes: a directory may end in a space.
    return said.replace(/\n$/, '') || undefined
  }
  const around = await ask('--show-superproject-working-tree')
  if (around !== undefined) {
    const root = await ask('--show-toplevel')
    return checkoutAt(around, environment, signal, root && relative(around, root))
  }
  const head = await ask('--verify', '--quiet', 'HEAD^{commit}')
  if (head === undefined) return { directory, head, place: undefined }
  return { directory, head, place: module ?? (await ask('--show-prefix'))?.replace(/\/$/, '') ?? '' }
}

/** That of a path of the workspace; what an earlier step gathered outside of a clone was gathered from the workspace's. */
export async function findCheckout(
  path: string,
  workspace: string,
  environment: Environment,
  signal?: AbortSignal
): Promise<Checkout> {
  const own = await checkoutAt(resolve(workspace, path), environment, signal)
  if (own.head !== undefined) return own
  return { ...(await checkoutAt(workspace, environment, signal)), place: undefined }
}

async function read(
  directory: string,
  environment: Environment,
  args: readonly string[],
  signal: AbortSignal | undefined
): Promise<string> {
  try {
    return await run(directory, environment, args, HISTORY_TIMEOUT_MS, signal)
  } catch (cause) {
    signal?.throwIfAborted()
    const filter = ['config', '--get-regexp', '^remote\\..*\\.partialclonefilter$']
    const filtered = await run(directory, environment, filter, TIMEOUT_MS, signal).catch(() => '')
    if (filtered.includes(' tree:')) {
      throw new Failure('history-missing', 'the clone has no trees, so which files its commits touch is not known', {
        remedy:
          "check the repository out without 'filter' or with 'filter: blob:none', or give the version in 'version'",
        cause
      })
    }
    const said = cause instanceof Error ? (cause.message.split('\n')[1] ?? cause.message) : String(cause)
    throw new Failure('invalid-input', `git ${args[0] ?? ''} could not read the history: ${said}`, {
      remedy: "check out the whole history with 'fetch-depth: 0', or give the version by hand in 'version'",
      cause
    })
  }
}

async function run(
  directory: string,
  environment: Environment,
  args: readonly string[],
  timeout: number,
  signal: AbortSignal | undefined
): Promise<string> {
  const { PATH, HOME } = environment
  const { stdout } = await execute('git', [...TRUSTING, ...args], {
    cwd: directory,
    // No GIT_DIR and the like: the question is about this directory. Nothing is fetched that the clone left out.
    env: {
      LC_ALL: 'C',
      GIT_NO_LAZY_FETCH: '1',
      GIT_TERMINAL_PROMPT: '0',
      ...(PATH === undefined ? {} : { PATH }),
      ...(HOME === undefined ? {} : { HOME })
    },
    timeout,
    ...(signal && { signal }),
    // It only reads, so it may be ended anywhere; it is not asked, for it may hang.
    killSignal: 'SIGKILL',
    maxBuffer: LARGEST_OUTPUT_BYTES
  })
  return stdout
}

/** An annotated tag is on what it points to; one on a file or a directory is on no commit. */
function readTag(line: string): { readonly name: string; readonly type: string; readonly id: string } {
  const [name = '', type = '', own = '', peeledType = '', peeled = ''] = line.split('\0')
  return type === 'tag' ? { name, type: peeledType, id: peeled } : { name, type, id: own }
}

function readCommit(entry: string): readonly LoggedCommit[] {
  const end = entry.indexOf('\n')
  return end < 0 ? [] : [{ sha: entry.slice(0, end), message: entry.slice(end + 1) }]
}

/**
 * In a job container the clone belongs to another user than git runs as, which git refuses as "dubious ownership".
 * Reading commits and tags runs nothing that a foreign repository could have configured, now that no signature is
 * checked and nothing is fetched. https://git-scm.com/docs/git-config
 */
const TRUSTING: readonly string[] = ['-c', 'safe.directory=*']
