import type { Git } from '../../src/io/git.ts'

/** A history with one version tag, and the commits since then. */
interface Told {
  /** Messages, oldest first. */
  readonly commits: readonly string[]
  readonly tagged: string
  readonly head: string
}

/** A whole clone whose last commit is `head`. */
export function history({ commits, tagged, head }: Told): Git {
  const base = 'a'.repeat(40)
  return {
    depth: () => Promise.resolve('whole'),
    tags: () => Promise.resolve([{ name: `v${tagged}`, sha: base }]),
    findCommit: id => Promise.resolve([head, base].find(sha => sha.startsWith(id))),
    committedAt: () => Promise.resolve(undefined),
    commits: () =>
      Promise.resolve(
        commits
          .map((message, index) => ({ sha: index === commits.length - 1 ? head : String(index).repeat(40), message }))
          .toReversed()
      ),
    parents: () => Promise.resolve(new Map()),
    findPaths: (_, paths) => Promise.resolve(paths)
  }
}
