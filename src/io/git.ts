import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Reading one file of a clone; a network file system may take a moment. */
const TIMEOUT_MS = 10_000

/**
 * The full id of the commit that is checked out in a directory; undefined when it is no clone, or has no commit yet,
 * or there is no git: whoever asks can then go by the event alone.
 */
export async function headCommit(
  directory: string,
  environment: Readonly<Record<string, string | undefined>>
): Promise<string | undefined> {
  const { PATH, HOME } = environment
  try {
    const { stdout } = await execute('git', [...TRUSTING, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], {
      cwd: directory,
      // No GIT_DIR and the like: the question is about this directory.
      env: { LC_ALL: 'C', ...(PATH === undefined ? {} : { PATH }), ...(HOME === undefined ? {} : { HOME }) },
      timeout: TIMEOUT_MS
    })
    const commit = stdout.trim()
    return commit === '' ? undefined : commit
  } catch {
    return undefined
  }
}

/**
 * In a job container the clone belongs to another user than git runs as, which git refuses as "dubious ownership".
 * Resolving HEAD runs nothing that a foreign repository could have configured. https://git-scm.com/docs/git-config
 */
const TRUSTING: readonly string[] = ['-c', 'safe.directory=*']
