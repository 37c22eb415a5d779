import type { Contender } from './contender.ts'
import { spreadOf, type Spread } from './statistics.ts'

/** Times of the post step with nothing to put back and of a Node process that does nothing, in milliseconds. */
export interface PostTimes {
  readonly postMs: readonly number[]
  readonly bareNodeMs: readonly number[]
}

/** One line of the table: what both need, and the most that we allow ourselves. */
export interface Line {
  readonly title: string
  readonly ours: string
  readonly official: string
  readonly compared: string
  readonly target: string
  /** Undefined where there is nothing to compare with. */
  readonly isMet: boolean | undefined
}

const MEGABYTE = 1e6
const FIRST_REQUEST_SHARE = 0.7
const DEPLOY_SHARE = 0.8
const DIST_LIMIT_BYTES = 2.2 * MEGABYTE
const CALL_LIMIT = 15
const POST_LIMIT_MS = 60

/** The figures beside their targets. */
export function linesOf(ours: Contender, official: Contender | undefined, post: PostTimes): readonly Line[] {
  const first = (one: Contender): readonly number[] => one.firstRequestMs
  return [
    share('first request to AWS', 'ms', 1, first, FIRST_REQUEST_SHARE, ours, official),
    share('whole deploy', 'ms', 1, one => one.deployMs, DEPLOY_SHARE, ours, official),
    share('peak memory', 'MB', MEGABYTE, one => one.peakBytes, 1, ours, official),
    sizeLine(ours, official),
    callLine(ours, official),
    postLine(post)
  ]
}

/** A line whose target is a share of what the official action needs. */
function share(
  title: string,
  unit: string,
  divisor: number,
  valuesOf: (one: Contender) => readonly number[],
  limit: number,
  ours: Contender,
  official: Contender | undefined
): Line {
  const target = `≤ ${limit.toFixed(2)} of theirs`
  const mine = spreadOf(valuesOf(ours))
  if (official === undefined) {
    return { title, ours: shown(mine, unit, divisor), official: '', compared: '', target, isMet: undefined }
  }
  const theirs = spreadOf(valuesOf(official))
  const ratio = mine.median / theirs.median
  return {
    title,
    ours: shown(mine, unit, divisor),
    official: shown(theirs, unit, divisor),
    compared: ratio.toFixed(2),
    target,
    isMet: ratio <= limit
  }
}

function sizeLine(ours: Contender, official: Contender | undefined): Line {
  const size = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(2)} MB`
  return {
    title: 'size of dist',
    ours: size(ours.distBytes),
    official: official === undefined ? '' : size(official.distBytes),
    compared: official === undefined ? '' : (ours.distBytes / official.distBytes).toFixed(2),
    target: `≤ ${size(DIST_LIMIT_BYTES)}`,
    isMet: ours.distBytes <= DIST_LIMIT_BYTES
  }
}

function callLine(ours: Contender, official: Contender | undefined): Line {
  const most = (one: Contender): number => Math.max(...one.calls.map(({ besidesPolls }) => besidesPolls))
  const count = (one: Contender): string => {
    const polls = one.calls.map(({ total, besidesPolls }) => total - besidesPolls)
    return `${String(most(one))} + ${String(spreadOf(polls).median)} polls`
  }
  return {
    title: 'calls to AWS',
    ours: count(ours),
    official: official === undefined ? '' : count(official),
    compared: '',
    target: `≤ ${String(CALL_LIMIT)} + polls`,
    isMet: most(ours) <= CALL_LIMIT
  }
}

function postLine({ postMs, bareNodeMs }: PostTimes): Line {
  const post = spreadOf(postMs)
  const bare = spreadOf(bareNodeMs)
  const above = post.median - bare.median
  return {
    title: 'post step, nothing to do',
    ours: shown(post, 'ms', 1),
    official: '',
    compared: `+${above.toFixed(0)} ms`,
    target: `< ${String(POST_LIMIT_MS)} ms above bare node (${bare.median.toFixed(0)} ms)`,
    isMet: above < POST_LIMIT_MS
  }
}

function shown({ median, lower, upper }: Spread, unit: string, divisor: number): string {
  const [middle, low, high] = [median, lower, upper].map(value => (value / divisor).toFixed(0))
  return `${middle ?? ''} ${unit} (${low ?? ''}–${high ?? ''})`
}

/** The table as text, and below it which targets are missed. */
export function format(lines: readonly Line[]): string {
  const verdict = (isMet: boolean | undefined): string => (isMet === undefined ? '' : isMet ? 'met' : 'MISSED')
  const rows = [
    ['', 'this action', 'official', 'ratio', 'target', ''],
    ...lines.map(line => [line.title, line.ours, line.official, line.compared, line.target, verdict(line.isMet)])
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0))) ?? []
  const text = rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  )
  const missed = lines.filter(({ isMet }) => isMet === false).map(({ title }) => title)
  const checked = lines.filter(({ isMet }) => isMet !== undefined).length
  const sentence =
    missed.length === 0
      ? `all ${String(checked)} targets that could be checked are met`
      : `missed: ${missed.join(', ')}`
  return `${text.join('\n')}\n\n${sentence}`
}
