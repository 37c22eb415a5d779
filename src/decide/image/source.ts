import { withoutLogin } from '../login.ts'

/**
 * Whether what a label says of its source is the own repository, however it is written: `git@host:owner/name.git`,
 * `ssh://`, with and without `.git`, or the address of a page in it such as `…/tree/main`.
 */
export function isSameSource(stated: string, own: string): boolean {
  const [its, mine] = [place(stated), place(own)]
  return its === mine || its.startsWith(`${mine}/`)
}

/** URL of the repository of a remote build context, for a label: without login, commit and directory, and no SSH. */
export function sourceOfContext(context: string): string {
  return withoutLogin(context)
    .replace(/[?#].*$/s, '')
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)?\*\*\*@/i, '$1')
    .replace(/^ssh:\/\/([^/:]+)(?::\d+)?\//i, 'https://$1/')
    .replace(/^([^/:]+):(?!\/\/)\/?/, 'https://$1/')
}

/** `host/owner/name` in lower case. */
function place(url: string): string {
  return url
    .trim()
    .toLowerCase()
    .replace(/[?#].*$/s, '')
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^([^/:]+):(?:\d+(?=\/))?\/*/, '$1/')
    .replace(/(?:\.git)?\/*$/, '')
}
