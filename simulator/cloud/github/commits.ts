import type { WorldGitHubRepository } from '../world.ts'

/** How two commits stand to each other, as GitHub's compare has it. */
export interface Comparison {
  readonly status: 'ahead' | 'behind' | 'identical' | 'diverged'
  readonly aheadBy: number
  readonly behindBy: number
  /** What `head` has and `base` lacks, oldest first. */
  readonly commits: readonly Commit[]
}

export interface Commit {
  readonly sha: string
  readonly parents: readonly string[]
  readonly message: string
}

/** The commits of one repository and the names that lead to them. */
export class Commits {
  readonly #commits = new Map<string, Commit>()
  readonly #branches: ReadonlyMap<string, string>

  constructor(repository: WorldGitHubRepository) {
    for (const { sha, parents = [], message = '' } of repository.commits ?? []) {
      this.#commits.set(sha, { sha, parents, message })
    }
    this.#branches = new Map(Object.entries(repository.branches ?? {}))
  }

  /** The SHA a branch, tag, full or abbreviated SHA stands for. */
  find(ref: string): string | undefined {
    const named = this.#branches.get(ref.replace(/^refs\/(heads|tags)\//, ''))
    if (named !== undefined) return named
    if (!/^[\da-f]{7,40}$/.test(ref)) return undefined
    return [...this.#commits.keys()].find(sha => sha.startsWith(ref))
  }

  /** Compares two commits that exist. */
  compare(base: string, head: string): Comparison {
    const ofBase = this.#ancestry(base)
    const ofHead = this.#ancestry(head)
    const ahead = [...ofHead].filter(sha => !ofBase.has(sha))
    const behindBy = [...ofBase].filter(sha => !ofHead.has(sha)).length
    return {
      status: statusOf(ahead.length, behindBy),
      aheadBy: ahead.length,
      behindBy,
      commits: ahead.reverse().flatMap(sha => this.#commits.get(sha) ?? [])
    }
  }

  /** A commit and everything it descends from, newest first. */
  #ancestry(sha: string): Set<string> {
    const found = new Set<string>()
    const open = [sha]
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      if (found.has(next)) continue
      found.add(next)
      open.push(...(this.#commits.get(next)?.parents ?? []))
    }
    return found
  }
}

function statusOf(aheadBy: number, behindBy: number): Comparison['status'] {
  if (aheadBy === 0) return behindBy === 0 ? 'identical' : 'behind'
  return behindBy === 0 ? 'ahead' : 'diverged'
}
