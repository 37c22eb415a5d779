import { isRed, type RunResult } from '../outcome.ts'
import { code, duration, markdown } from './text.ts'

/** GitHub drops a step's summary that is larger than 1 MiB. */
const LARGEST_SUMMARY_CHARACTERS = 250_000
const MOST_TASKS = 50

/** The job summary: how it ended, what, from, to, how long, and the tasks by digest. */
export function summarise(result: RunResult): string {
  const parts = [
    headline(result),
    facts(result),
    list('What changes', result.changes),
    tasks(result),
    list('What AWS said', result.evidence)
  ]
  const text = parts.filter(part => part !== '').join('\n\n')
  return text.length > LARGEST_SUMMARY_CHARACTERS ? `${headline(result)}\n\n${facts(result)}\n` : `${text}\n`
}

function headline(result: RunResult): string {
  const sign = result.failed || isRed(result.outcome) ? '❌' : result.outcome === 'unproven' ? '⚠️' : '✅'
  const where = result.service === undefined ? '' : ` ${code(result.service)}`
  const lines = [
    `### ${sign} ECS deploy${where}: ${result.outcome}`,
    '',
    ...result.reason.split('\n').map(line => `${markdown(line)}  `)
  ]
  if (result.remedy !== undefined) lines.push('', `**What to do:** ${markdown(result.remedy)}`)
  return lines.join('\n')
}

function facts(result: RunResult): string {
  const rows: (readonly [string, string | undefined])[] = [
    ['Image', maybe(result.image)],
    ['Digest', maybe(result.imageDigest)],
    ['Tags', result.imageTags?.map(code).join(' ')],
    ['Version', maybe(result.version)],
    ['Revision before', maybe(shortArn(result.previousTaskDefinitionArn))],
    [tried(result) ? 'Revision tried' : 'Revision now', maybe(shortArn(result.taskDefinitionArn))],
    ['Deployment', deployment(result)],
    ['Cluster', maybe(result.cluster)],
    ['Region', maybe(result.region)],
    ['Took', duration(result.endedAtMs - result.startedAtMs)]
  ]
  const known = rows.filter(([, value]) => value !== undefined && value !== '')
  return ['| | |', '|---|---|', ...known.map(([name, value]) => `| ${name} | ${value ?? ''} |`)].join('\n')
}

/** A revision that failed is not what runs now. */
function tried(result: RunResult): boolean {
  return isRed(result.outcome)
}

function deployment({ deploymentId, consoleUrl }: RunResult): string | undefined {
  if (deploymentId === undefined) return undefined
  if (consoleUrl === undefined) return code(deploymentId)
  return `<a href="${consoleUrl.replace(/["<>&|]/g, encodeURIComponent)}">${code(deploymentId)}</a>`
}

function tasks({ tasks: running = [] }: RunResult): string {
  if (running.length === 0) return ''
  const rows = running
    .slice(0, MOST_TASKS)
    .map(task => `| ${code(task.taskId)} | ${code(task.container)} | ${code(task.digest)} |`)
  const more = running.length > MOST_TASKS ? [`\n…and ${String(running.length - MOST_TASKS)} more.`] : []
  return ['| Running task | Container | Digest |', '|---|---|---|', ...rows, ...more].join('\n')
}

function list(title: string, lines: readonly string[] = []): string {
  if (lines.length === 0) return ''
  return [`**${title}**`, '', ...lines.map(line => `- ${markdown(line)}`)].join('\n')
}

function maybe(text: string | undefined): string | undefined {
  return text === undefined ? undefined : code(text)
}

function shortArn(arn: string | undefined): string | undefined {
  return arn?.slice(arn.lastIndexOf('/') + 1)
}
