/** A commit as the history has it. */
export interface LoggedCommit {
  /** Full commit id. */
  readonly sha: string
  /** The whole message. */
  readonly message: string
}

/** The parents of commits, the first one first, by full id; no commit stands before one that is made on it. */
export type Parents = ReadonlyMap<string, readonly string[]>

/** What a commit means for those who use the software. */
export type Change = 'breaking' | 'feature' | 'fix'

/** The largest change of a range of commits, and the commit that makes it. */
export interface LargestChange {
  readonly change: Change
  readonly commit: LoggedCommit
}

/*
 * The library for this, conventional-commits-parser, is not used: it needs Node 22, takes seconds for a line of 12,000
 * characters, which anybody who may open a pull request can write, and knows neither what a squash lists nor a revert
 * without a commit id. https://www.conventionalcommits.org/en/v1.0.0/
 */
const HEADER = /^(?<type>\w[\w-]*)(?:\([^()]*\))?(?<breaking>!)?: +\S/
const BREAKING_FOOTER = /^BREAKING[ -]CHANGE:(?=\s|$)/im
/** GitHub's message for a squash lists the commits as `* feat: a`. */
const LISTED = /^\* (.+)$/gm
/** The title of a merge is a machine's; where a pull request has a title, it stands in the body. */
const MERGE_TITLE = /^Merged? (?:pull request|branch|remote-tracking branch|tag|commit|in|PR \d+) ?/
const AZURE_TITLE = /^Merged PR \d+: /

const CHANGE_OF_TYPE: ReadonlyMap<string, Change> = new Map([
  ['feat', 'feature'],
  ['fix', 'fix'],
  ['perf', 'fix'],
  ['revert', 'fix']
])

/** Git writes the id of the commit that was reverted; GitHub's button writes only its title, as do people. */
const REVERTED_ID = /^This reverts commit ([0-9a-f]{7,64})\b/gm

/** A title is looked for so far down. */
const MOST_TITLE_LINES = 20

const RANK: Readonly<Record<Change, number>> = { fix: 1, feature: 2, breaking: 3 }

/**
 * What one commit message says: the type of its title, else of the commits that a squash lists; `!` and either footer
 * anywhere make it breaking. Undefined for what asks for no release: docs, chores, and text of no such form.
 */
export function changeOf(message: string): Change | undefined {
  const title = titleOf(message)
  const listed = [...message.matchAll(LISTED)].map(([, line = '']) => changeOfHeader(line))
  const own = changeOfHeader(title)
  if (BREAKING_FOOTER.test(message) || own === 'breaking' || listed.includes('breaking')) return 'breaking'
  if (HEADER.test(title)) return own
  return largest([...listed, isRevertTitle(title) || revertedIds(message).length > 0 ? 'fix' : undefined])
}

/** Does a commit say that it reverts another one? */
export function isRevert({ message }: LoggedCommit): boolean {
  return isRevertTitle(titleOf(message)) || revertedIds(message).length > 0
}

/**
 * The largest change of a range, newest commit first. A commit and the one that reverts it cancel each other out, and so
 * do a merge's with the revert of the merge, which `parents` are for; a revert of something older than the range is a fix.
 */
export function largestChange(
  commits: readonly LoggedCommit[],
  parents: Parents = new Map()
): LargestChange | undefined {
  let found: LargestChange | undefined
  for (const commit of withoutReverted(commits, parents)) {
    const change = changeOf(commit.message)
    if (change === undefined) continue
    if (found === undefined || RANK[change] > RANK[found.change]) found = { change, commit }
  }
  return found
}

/** The title that people gave a commit: of a merge, the one of its pull request, or none. */
export function titleOf(message: string): string {
  const lines = message.split(/\r?\n/, MOST_TITLE_LINES).map(line => line.trim())
  const [first = '', second = ''] = lines.filter(line => line !== '')
  if (AZURE_TITLE.test(first)) return first.replace(AZURE_TITLE, '')
  return MERGE_TITLE.test(first) ? second : first
}

function changeOfHeader(header: string): Change | undefined {
  const { type = '', breaking } = HEADER.exec(header)?.groups ?? {}
  return breaking === undefined ? CHANGE_OF_TYPE.get(type.toLowerCase()) : 'breaking'
}

function largest(changes: readonly (Change | undefined)[]): Change | undefined {
  let found: Change | undefined
  for (const change of changes) {
    if (change !== undefined && (found === undefined || RANK[change] > RANK[found])) found = change
  }
  return found
}

/** A commit with what is needed of it to find out what was reverted. */
interface Candidate {
  readonly commit: LoggedCommit
  readonly title: string
  /** The title without the number of its pull request. */
  readonly plain: string
}

function withoutReverted(commits: readonly LoggedCommit[], parents: Parents): readonly LoggedCommit[] {
  const candidates = commits.map(commit => {
    const title = titleOf(commit.message)
    return { commit, title, plain: unnumbered(title) }
  })
  const byId = new Map(candidates.map(candidate => [candidate.commit.sha, candidate]))
  const broughtBy = createBroughtBy(parents)
  const gone = new Set<Candidate>()
  function among(shas: ReadonlySet<string>): readonly Candidate[] {
    return shas.size === 0 ? [] : candidates.filter(({ commit }) => shas.has(commit.sha))
  }
  for (const [index, candidate] of candidates.entries()) {
    if (gone.has(candidate)) continue
    const isTitled = isRevertTitle(candidate.title)
    const { undone, isAll } = undoneBy(candidate, { candidates, byId }, index + 1, gone)
    if (isTitled && among(broughtBy(candidate.commit)).some(brought => isSameRevert(brought, candidate, undone))) {
      // The merge of a revert repeats its title, and the revert itself says more exactly what it takes back.
      gone.add(candidate)
      continue
    }
    for (const each of undone) {
      gone.add(each)
      for (const brought of among(broughtBy(each.commit))) gone.add(brought)
    }
    // `fix: take it back` is a change of its own, whatever it reverts.
    if (isAll && (isTitled || !HEADER.test(candidate.title))) gone.add(candidate)
  }
  return candidates.filter(candidate => !gone.has(candidate)).map(({ commit }) => commit)
}

/** Does a revert take back what the merge that brought it names: by the same title, or by the id of what has that? */
function isSameRevert({ commit, plain }: Candidate, merge: Candidate, undone: readonly Candidate[]): boolean {
  if (plain === merge.plain) return true
  return revertedIds(commit.message).some(id => undone.some(({ commit: { sha } }) => sha.startsWith(id)))
}

/**
 * What merges brought: the commits that are part of one and not of its first parent. It is walked back from both, in an
 * order in which all that is made on a commit comes first, until nothing is left that only the merge leads to.
 */
function createBroughtBy(parents: Parents): (merge: LoggedCommit) => ReadonlySet<string> {
  const order = [...parents.keys()]
  const places = new Map(order.map((sha, place) => [sha, place]))
  return ({ sha: merge }) => {
    const brought = new Set<string>()
    const [first, ...others] = parents.get(merge) ?? []
    if (first === undefined || others.length === 0) return brought
    const before = new Set([first])
    const open = new Set(others.filter(sha => sha !== first && places.has(sha)))
    for (let place = places.get(merge) ?? 0; open.size > 0 && place < order.length; place++) {
      const sha = order[place] ?? ''
      const its = (parents.get(sha) ?? []).filter(parent => places.has(parent))
      if (before.has(sha)) {
        for (const parent of its) {
          before.add(parent)
          open.delete(parent)
        }
      } else if (open.delete(sha)) {
        brought.add(sha)
        for (const parent of its) if (!before.has(parent)) open.add(parent)
      }
    }
    return brought
  }
}

/** What a commit reverts. */
interface Reverted {
  /** What it takes back that was still there. */
  readonly undone: readonly Candidate[]
  /** Is that all it names? What is older than the range was released, so that taking it back still changes something. */
  readonly isAll: boolean
}

/** The older commits that a commit reverts: all whose ids it names, or the last one that has the title it names. */
function undoneBy(
  { commit, title }: Candidate,
  { candidates, byId }: { candidates: readonly Candidate[]; byId: ReadonlyMap<string, Candidate> },
  from: number,
  gone: ReadonlySet<Candidate>
): Reverted {
  function firstOf(isWanted: (older: Candidate) => boolean): Candidate | undefined {
    for (let index = from; index < candidates.length; index++) {
      const older = candidates[index]
      if (older !== undefined && isWanted(older)) return older
    }
    return undefined
  }
  const ids = revertedIds(commit.message)
  const byTheirIds = ids.map(id => byId.get(id) ?? firstOf(older => older.commit.sha.startsWith(id)))
  const reverted = unnumbered(revertedTitle(title) ?? '')
  const byTitle =
    ids.length === 0 && reverted !== '' ? [firstOf(older => older.plain === reverted && !gone.has(older))] : []
  const named = [...byTheirIds, ...byTitle]
  const found = named.filter(each => each !== undefined)
  return { undone: found.filter(each => !gone.has(each)), isAll: found.length > 0 && found.length === named.length }
}

function isRevertTitle(title: string): boolean {
  return revertedTitle(title) !== undefined
}

/** The title in `Revert "X"`, as git and GitHub write it, and in `revert: X`; git calls the revert of a revert `Reapply "X"`. */
function revertedTitle(title: string): string | undefined {
  const [, verb, quoted] = /^(Revert|Reapply) "(.*)"$/.exec(unnumbered(title)) ?? []
  if (quoted !== undefined) return verb === 'Reapply' ? `Revert "${quoted}"` : quoted
  return /^revert(?:\([^()]*\))?: +(.+)$/i.exec(title)?.[1]
}

/** A title without the number of its pull request, which GitHub adds to what is squashed. */
function unnumbered(title: string): string {
  return title.replace(/ \(#\d+\)$/, '')
}

function revertedIds(message: string): readonly string[] {
  return [...message.matchAll(REVERTED_ID)].map(([, id = '']) => id)
}
