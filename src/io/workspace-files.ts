import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isGlob, matchesGlob, mayHoldMatch } from '../decide/pin/glob.ts'
import { settingsOf, type EnvironmentFile, type SettingsOf } from '../decide/pin/settings.ts'
import { listed, quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'

/** A Compose file of a thousand services has a tenth of this. */
const LARGEST_FILE_BYTES = 1024 * 1024

/** A workspace with more is one that nobody meant to search. */
const MOST_ENTRIES = 200_000

/** A file of the workspace as it was read. */
export interface WorkspaceFile {
  /** Below the workspace, with slashes. */
  readonly path: string
  readonly text: string
}

/** A file, and what it is to hold. */
export interface FileChange {
  readonly file: WorkspaceFile
  readonly text: string
}

/** Files of the workspace that are read, changed and written back; nothing outside it is ever touched. */
export interface WorkspaceFiles {
  /** Paths that match; `!` before a pattern takes its matches away. Fails with `file-not-found` when one matches nothing, or nothing is left. */
  find(patterns: readonly string[]): Promise<readonly string[]>
  /** Fails with `invalid-input` for a symbolic link, a large file, and one that is no UTF-8. */
  read(path: string): Promise<WorkspaceFile>
  /**
   * Who sets variables when Compose reads a file: the environment, the files that it lists in `COMPOSE_ENV_FILES`, and
   * `.env` beside the file or in a folder above. Fails with `file-not-found` when one that is listed is not there.
   */
  settingsFor(path: string): Promise<SettingsOf>
  /** Replaces files as a whole, and none before all are written; fails when one is not as it was read. */
  replace(changes: readonly FileChange[]): Promise<void>
}

/** The files below a directory. */
export function createWorkspaceFiles(
  workspace: string,
  environment: Readonly<Record<string, string | undefined>> = {}
): WorkspaceFiles {
  return {
    async find(patterns) {
      const excluded = patterns.filter(pattern => pattern.startsWith('!')).map(pattern => pattern.slice(1))
      const found = new Set<string>()
      for (const pattern of patterns.filter(each => !each.startsWith('!'))) {
        const matches = isGlob(pattern) ? await search(workspace, pattern) : await exactly(workspace, pattern)
        if (matches.length === 0) throw nothingThere(pattern, workspace)
        for (const path of matches) {
          if (!excluded.some(each => matchesGlob(each, path))) found.add(path)
        }
      }
      if (found.size === 0) throw nothingLeft(excluded)
      return [...found].sort()
    },

    async read(path) {
      return { path, text: decode(await readBytes(workspace, path), path) }
    },

    async settingsFor(path) {
      const files = [...(await readListedFiles(workspace, environment['COMPOSE_ENV_FILES'] ?? ''))]
      for (let folder = dirname(path); ; folder = dirname(folder)) {
        const file = await readEnvironmentFile(workspace, join(folder, '.env'))
        if (file !== undefined) files.push(file)
        if (folder === '.') return settingsOf(environment, files)
      }
    },

    async replace(changes) {
      const written: { readonly temporary: string; readonly path: string }[] = []
      try {
        for (const { file, text } of changes) {
          const absolute = join(await realpath(workspace), file.path)
          const before = await readBytes(workspace, file.path)
          if (!before.equals(Buffer.from(file.text))) throw changedMeanwhile(file.path)
          written.push({ temporary: await writeBeside(absolute, text), path: absolute })
        }
        for (const { temporary, path } of written) await rename(temporary, path)
      } finally {
        // After the rename nothing is left under that name.
        for (const { temporary } of written) await rm(temporary, { force: true })
      }
    }
  }
}

async function exactly(workspace: string, path: string): Promise<readonly string[]> {
  const found = await lstat(join(workspace, path)).catch(() => undefined)
  // A link is refused when it is read, with a sentence of its own.
  return found?.isFile() === true || found?.isSymbolicLink() === true ? [plain(path)] : []
}

async function search(workspace: string, pattern: string): Promise<readonly string[]> {
  const found: string[] = []
  const folders = ['']
  let entries = 0
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(workspace, folder), { withFileTypes: true })) {
      entries += 1
      if (entries > MOST_ENTRIES) {
        throw new Failure(
          'invalid-input',
          `the pattern ${quoted(pattern)} has more than ${MOST_ENTRIES} files to look at`,
          {
            remedy: "name the folder in 'files'"
          }
        )
      }
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (mayHoldMatch(pattern, path)) folders.push(path)
      } else if (matchesGlob(pattern, path)) found.push(path)
    }
  }
  return found
}

async function readBytes(workspace: string, path: string): Promise<Buffer> {
  const root = await realpath(workspace)
  const absolute = join(root, path)
  const actual = await realpath(absolute).catch(() => undefined)
  if (actual === undefined) throw nothingThere(path, workspace)
  if (actual !== absolute) {
    throw new Failure('invalid-input', `${quoted(path)} is, or lies behind, a symbolic link`, {
      remedy: "name the file that it points to in 'files'"
    })
  }
  // A pipe that nobody writes to is not waited for.
  const file = await open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const about = await file.stat()
    if (!about.isFile()) throw new Failure('invalid-input', `${quoted(path)} is no file`)
    if (about.size > LARGEST_FILE_BYTES) {
      throw new Failure(
        'invalid-input',
        `${quoted(path)} has ${String(about.size)} bytes, and no more than ${LARGEST_FILE_BYTES} are read`
      )
    }
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/**
 * Compose reads them in place of `.env`, from the folder that it is started in; that of a workflow is the workspace as a
 * rule. https://docs.docker.com/compose/how-tos/environment-variables/envvars/#compose_env_files
 */
async function readListedFiles(workspace: string, list: string): Promise<readonly EnvironmentFile[]> {
  const paths = list.split(',').map(path => path.trim())
  const files: EnvironmentFile[] = []
  for (const path of paths.filter(each => each !== '')) {
    const file = await readEnvironmentFile(workspace, path)
    if (file === undefined) {
      throw new Failure('file-not-found', `COMPOSE_ENV_FILES lists ${quoted(path)}, and there is no such file`, {
        remedy:
          'list the file by its path below the workspace, or take the variable out of the environment of this step'
      })
    }
    files.push(file)
  }
  return files
}

/** What it holds is compared and never shown, so it may be a link. */
async function readEnvironmentFile(workspace: string, path: string): Promise<EnvironmentFile | undefined> {
  const absolute = resolve(workspace, path)
  const about = await stat(absolute).catch(() => undefined)
  // Some keep a folder of that name.
  if (about?.isFile() !== true) return undefined
  try {
    if (about.size > LARGEST_FILE_BYTES) throw new Error(`it has ${String(about.size)} bytes`)
    return { path, text: await readFile(absolute, 'utf8') }
  } catch (cause) {
    throw new Failure('invalid-input', `${quoted(path)}, which Compose takes variables from, cannot be read`, { cause })
  }
}

/** What cannot be written back byte by byte is not touched. */
function decode(bytes: Buffer, path: string): string {
  const text = bytes.toString('utf8')
  if (Buffer.from(text).equals(bytes)) return text
  throw new Failure('invalid-input', `${quoted(path)} is no UTF-8 text`, { remedy: 'save it as UTF-8' })
}

/** In the same folder, since a rename is only whole within one file system. */
async function writeBeside(path: string, text: string): Promise<string> {
  const { mode } = await lstat(path)
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  const file = await open(temporary, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.chmod(mode)
    await file.sync()
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return temporary
}

function plain(path: string): string {
  return path
    .split('/')
    .filter(name => name !== '' && name !== '.')
    .join('/')
}

function nothingThere(pattern: string, workspace: string): Failure {
  const what = isGlob(pattern) ? 'no file matches' : 'there is no file'
  return new Failure('file-not-found', `${what} ${quoted(pattern)} in ${listed([workspace])}`, {
    remedy: "check the path in 'files', which is relative to the workspace, and that the repository is checked out"
  })
}

function nothingLeft(excluded: readonly string[]): Failure {
  return new Failure('file-not-found', `input files leaves no file: ${listed(excluded)} takes away all that match`, {
    remedy: "correct the patterns in 'files' that begin with '!'"
  })
}

function changedMeanwhile(path: string): Failure {
  return new Failure('invalid-input', `${quoted(path)} was changed by somebody else while its images were looked up`, {
    remedy: 'run the step again'
  })
}
