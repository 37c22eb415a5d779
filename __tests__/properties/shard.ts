import fc from 'fast-check'
import { play } from './play.ts'
import { brokenPromises } from './promises.ts'
import { scenarios, type Scenario } from './scenario.ts'

/** Plays its share of the random deployments and writes what came of it to standard output, as JSON. */

/** What a shard found. */
export interface ShardReport {
  /** How many deployments ended in which outcome. */
  readonly outcomes: Readonly<Record<string, number>>
  /** The smallest deployment that broke a promise, with the seed and the path to play it again. */
  readonly failure?: string
}

const [runs = '', seed = '', path = ''] = process.argv.slice(2)
const outcomes: Record<string, number> = {}

async function keepsItsPromises(scenario: Scenario): Promise<void> {
  const played = await play(scenario)
  const { outcome, reason } = played.ending
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  const broken = brokenPromises(scenario, played)
  if (broken.length > 0) throw new Error(`${broken.join('; ')}\ntold: ${outcome}: ${reason}`)
}

const details = await fc.check(fc.asyncProperty(scenarios, keepsItsPromises), {
  numRuns: Number(runs),
  seed: Number(seed),
  includeErrorInReport: true,
  ...(path !== '' && { path })
})
const failure = fc.defaultReportMessage(details)
const report: ShardReport = { outcomes, ...(failure !== undefined && { failure }) }
process.stdout.write(JSON.stringify(report))
