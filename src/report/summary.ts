import { shortArn } from '../decide/arn.ts'
import { clip } from '../decide/text.ts'
import { isRed, type RunResult } from '../outcome.ts'
import { code, codeBlock, duration, folded, markdown, oneLine, sentencesOf } from './text.ts'

/** GitHub drops a step's summary that is larger than 1 MiB; a character may be three bytes. */
const LARGEST_SUMMARY_CHARACTERS = 250_000
/** What one part may take of it, so that each of them has a place. */
const LARGEST_PART_CHARACTERS = 60_000
const MOST_TASKS = 50
const MOST_IMAGES = 50
/** More changes than that are read one by one by nobody who wants to know how it went. */
const MOST_OPEN_CHANGES = 10

/** The job summary: how it ended, why and what to do; folded, what AWS said of it; then what, from, to, how long. */
export function summarise(result: RunResult): string {
  const parts = [
    headline(result),
    evidence(result),
    facts(result),
    images(result),
    changes(result),
    scans(result),
    tasks(result)
  ]
  const text = parts.filter(part => part !== '').join('\n\n')
  if (text.length <= LARGEST_SUMMARY_CHARACTERS) return `${text}\n`
  const { outcome, failed, startedAtMs, endedAtMs } = result
  return `${headline({ outcome, failed, startedAtMs, endedAtMs, reason: clip(result.reason, 1000) })}\n`
}

function headline(result: RunResult): string {
  const sign = result.failed || isRed(result.outcome) ? '❌' : result.outcome === 'unproven' ? '⚠️' : '✅'
  const where = result.service === undefined ? '' : ` ${code(result.service)}`
  const parts = [`### ${sign} ECS deploy${where}: ${result.outcome}`, sentences(result.reason)]
  if (result.remedy !== undefined) parts.push(`**What to do:** ${remedyOf(result.remedy)}`)
  if (result.consoleUrl !== undefined) parts.push(link(result.consoleUrl, 'Open the deployments in the AWS console'))
  return parts.join('\n\n')
}

/** A command at the end of a remedy, and the statement of a policy anywhere in it: both are there to be copied. */
const COPIED = /(\{"Effect":"Allow",\S{1,1000}\}|\baws [a-z-]+ [a-z-]+ --[^;]*$)/

function remedyOf(remedy: string): string {
  const parts = oneLine(remedy).split(COPIED)
  const shown = parts.map((part, index) => (index % 2 === 1 ? code(part) : markdown(part)))
  return shown
    .filter(part => part !== '')
    .join(' ')
    .replaceAll('</code> ;', '</code>;')
}

/** One reason is a paragraph; several findings are a list. */
function sentences(reason: string): string {
  const lines = sentencesOf(reason)
  const [first = ''] = lines
  return lines.length <= 1 ? markdown(first) : bullets(lines)
}

function facts(result: RunResult): string {
  const { previousTaskDefinitionArn: before, taskDefinitionArn: after } = result
  const rows: (readonly [string, string | undefined])[] = [
    ['Reason code', maybe(result.reasonCode)],
    ['Image', maybe(result.image)],
    ['Digest', maybe(result.imageDigest)],
    ['Tags', result.imageTags?.map(code).join(' ')],
    ['Version', maybe(result.version)],
    ['Revision before', result.outcome === 'rolled-back' ? undefined : revision(before)],
    [isRed(result.outcome) ? 'Revision tried' : 'Revision now', revision(after)],
    ['Revision now', result.outcome === 'rolled-back' ? revision(before) : undefined],
    ['Deployment', maybe(result.deploymentId)],
    ['Cluster', maybe(result.cluster)],
    ['Region', maybe(result.region)],
    ['Auto scaling', result.autoScaling],
    ['Took', duration(result.endedAtMs - result.startedAtMs)]
  ]
  const known = rows.filter(([, value]) => value !== undefined && value !== '')
  return ['| | |', '|---|---|', ...known.map(([name, value]) => `| ${name} | ${value ?? ''} |`)].join('\n')
}

/** Lines of mode `mirror`; one alone stands in the facts already. */
function images({ images: all = [] }: RunResult): string {
  if (all.length < 2) return ''
  const rows = all
    .slice(0, MOST_IMAGES)
    .map(
      ({ source, image, digest = '', outcome }) => `| ${code(source)} | ${code(image)} | ${code(digest)} | ${outcome} |`
    )
  const more = all.length > MOST_IMAGES ? [`\n…and ${String(all.length - MOST_IMAGES)} more.`] : []
  return ['| Source | Copy | Digest | |', '|---|---|---|---|', ...rows, ...more].join('\n')
}

function changes({ changes: changed = [] }: RunResult): string {
  if (changed.length === 0) return ''
  if (changed.length <= MOST_OPEN_CHANGES) return `**What this revision changes**\n\n${bullets(changed)}`
  return folded(`What this revision changes: ${String(changed.length)} things`, bullets(changed))
}

function scans({ scans: lines = [] }: RunResult): string {
  if (lines.length === 0) return ''
  return `**What the scans found**\n\n${bullets(lines)}`
}

function tasks({ tasks: running = [] }: RunResult): string {
  if (running.length === 0) return ''
  const rows = running
    .slice(0, MOST_TASKS)
    .map(task => `| ${code(task.taskId)} | ${code(task.container)} | ${code(task.digest)} |`)
  const more = running.length > MOST_TASKS ? [`\n…and ${String(running.length - MOST_TASKS)} more.`] : []
  return ['| Running task | Container | Digest |', '|---|---|---|', ...rows, ...more].join('\n')
}

/** What starts so is a line of a container's log. */
const LOG_LINE = '| '

/** AWS's words as a list that wraps, what containers logged as it stood there. */
function evidence({ evidence: lines = [] }: RunResult): string {
  if (lines.length === 0) return ''
  const blocks: string[] = []
  let logged: string[] = []
  const flush = (): void => {
    if (logged.length > 0) blocks.push(codeBlock(logged))
    logged = []
  }
  let left = LARGEST_PART_CHARACTERS
  for (const line of lines) {
    const isLogged = line.startsWith(LOG_LINE)
    if (!isLogged) flush()
    left -= markdown(line).length
    if (left < 0) break
    if (isLogged) logged.push(line.slice(LOG_LINE.length))
    else blocks.push(`- ${markdown(line)}`)
  }
  flush()
  if (left < 0) blocks.push('- …and more, which the log of this step has')
  return folded('What AWS and the containers said', blocks.join('\n\n'))
}

function bullets(lines: readonly string[]): string {
  const shown: string[] = []
  let left = LARGEST_PART_CHARACTERS
  for (const line of lines) {
    const bullet = `- ${markdown(line)}`
    left -= bullet.length
    if (left < 0) break
    shown.push(bullet)
  }
  const more = lines.length - shown.length
  return [...shown, ...(more > 0 ? [`- …and ${String(more)} more`] : [])].join('\n')
}

function link(url: string, text: string): string {
  return `<a href="${url.replace(/["<>&|\s]/g, encodeURIComponent)}">${text}</a>`
}

function revision(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : code(shortArn(arn))
}

function maybe(text: string | undefined): string | undefined {
  return text === undefined ? undefined : code(text)
}
