import { restoreNamed } from '../decide/image/archive.ts'
import { platformDigests } from '../decide/image/manifest.ts'
import { judgeFindings, readStage, type ScanReport, type Severity } from '../decide/image/scan.ts'
import { quoted } from '../decide/wording.ts'
import type { Emit } from '../event.ts'
import { Failure } from '../failure.ts'
import type { ScanPort } from '../io/aws/scan.ts'
import type { World } from '../world.ts'
import type { RunImage } from './find-image.ts'
import { placeOf } from './place-of.ts'

/** What keeps an image from being deployed. */
export interface ScanPolicy {
  /** The least severity that does. */
  readonly threshold: Severity
  /** Looks once, and neither waits nor asks for a scan. */
  readonly dryRun: boolean
}

const POLL_MS = 5_000
/** Basic scans take about a minute, the first one of Inspector up to ten. */
const TIME_LIMIT_MS = 15 * 60_000
/** A scan on push begins some seconds after it; asking for one in between would use up the day's only one. */
const ASK_AFTER_MS = 15_000
const REMINDER_MS = 60_000

/**
 * Waits for the scans of an image, of an index for those of its platforms' images, because no scanner reads an index.
 * Fails with `vulnerabilities-found` by what they found, and with `scan-incomplete` when there will be nothing to judge
 * by: a gate that opens when it cannot see is none. Returns a line about each scan.
 */
export async function awaitScan(
  world: World,
  image: RunImage,
  policy: ScanPolicy,
  emit: Emit
): Promise<readonly string[]> {
  const { region, account } = placeOf(world, image.repository)
  const scans = await world.scans(region, account)
  const isIndex = image.manifest?.kind === 'index'
  const lines: string[] = []
  const refused: string[] = []
  for (const digest of scannedDigests(image)) {
    const name = `${image.repository.name}@${digest.slice(0, 'sha256:'.length + 12)}${isIndex ? ' of the index' : ''}`
    const { name: repository, uri } = image.repository
    const report = await awaitReport(world, scans, { repository, uri, digest, name }, policy, emit)
    if (report === undefined) continue
    const { passes, found, worst } = judgeFindings(report, policy.threshold)
    const line = `the scan of ${name} found ${found}`
    emit({ kind: 'note', text: line })
    lines.push(line)
    if (!passes) refused.push(worst.length === 0 ? line : `${line}: ${worst.join(', ')}`)
  }
  if (refused.length === 0) return lines
  throw new Failure('vulnerabilities-found', refused.join('\n'), {
    remedy: `mend what is ${policy.threshold.toLowerCase()} or worse in the image, e.g. by a newer base image, or raise 'scan-severity'`
  })
}

/** The images that a scanner can read. */
function scannedDigests({ manifest, repository, stored }: RunImage): readonly string[] {
  if (manifest?.kind !== 'index') return [stored.digest]
  const digests = platformDigests(manifest)
  if (digests.length > 0) return digests
  throw new Failure(
    'scan-incomplete',
    `the index ${repository.name}@${stored.digest} has no image that can be scanned`,
    {
      remedy: "deploy it without this gate ('scan: off')"
    }
  )
}

interface Scanned {
  readonly repository: string
  /** Of the repository: `host/name`. */
  readonly uri: string
  readonly digest: string
  /** What people are told that it is. */
  readonly name: string
}

/** The finished scan of one image; undefined when a dry run found none that is finished. */
async function awaitReport(
  world: World,
  scans: ScanPort,
  scanned: Scanned,
  { dryRun }: ScanPolicy,
  emit: Emit
): Promise<ScanReport | undefined> {
  const startedAt = world.clock.now()
  let told: number | undefined
  let hasAsked = false
  for (;;) {
    const report = await scans.readScan(scanned.repository, scanned.digest)
    if (report !== undefined && isDone(report, scanned)) return report
    if (dryRun) {
      emit({ kind: 'note', text: `there is no finished scan of ${scanned.name} yet: the run would wait for it` })
      return undefined
    }
    const now = world.clock.now()
    if (now - startedAt >= TIME_LIMIT_MS) throw tooLate(scanned, report)
    if (report === undefined && !hasAsked && now - startedAt >= ASK_AFTER_MS) {
      hasAsked = true
      await askForScan(scans, scanned, emit)
    }
    if (told === undefined || now - told >= REMINDER_MS) {
      const still = `still waiting for the scan of ${scanned.name}: ${report?.status ?? 'none has begun'}`
      emit({ kind: 'note', text: told === undefined ? `waiting for the scan of ${scanned.name}` : still })
      told = now
    }
    await world.clock.sleep(POLL_MS, world.signal)
  }
}

function isDone(report: ScanReport, scanned: Scanned): boolean {
  const stage = readStage(report)
  switch (stage.kind) {
    case 'done':
      return true
    case 'under-way':
      return false
    case 'never':
      throw notJudged('scan-incomplete', scanned, stage)
    case 'archived':
      throw archived(scanned)
  }
}

function archived(scanned: Scanned): Failure {
  const remedy = restoreNamed(`${scanned.uri}@${scanned.digest}`)
  return notJudged('image-archived', scanned, { why: 'it is archived', remedy })
}

function notJudged(
  code: 'scan-incomplete' | 'image-archived',
  { name }: Scanned,
  { why, remedy }: { readonly why: string; readonly remedy: string }
): Failure {
  return new Failure(code, `${name} cannot be judged by its scan: ${why}`, { remedy })
}

async function askForScan(scans: ScanPort, scanned: Scanned, emit: Emit): Promise<void> {
  const { repository, digest, name } = scanned
  const start = await scans.startScan(repository, digest)
  switch (start.kind) {
    case 'started':
      emit({ kind: 'note', text: `asked for a scan of ${name}, which had none` })
      return
    case 'declined':
      emit({ kind: 'note', text: `no scan of ${name} can be asked for: ${start.why}` })
      return
    case 'archived':
      throw archived(scanned)
    case 'unsupported':
      throw new Failure('scan-incomplete', `${name} cannot be scanned: ${start.why}`, {
        remedy: "deploy it without this gate ('scan: off')"
      })
  }
}

function tooLate({ name, repository }: Scanned, report: ScanReport | undefined): Failure {
  const minutes = String(TIME_LIMIT_MS / 60_000)
  if (report !== undefined) {
    const stage = readStage(report)
    const stands = stage.kind === 'under-way' ? stage.stands : quoted(report.status)
    return new Failure('scan-incomplete', `the scan of ${name} is ${stands} after ${minutes} minutes`, {
      remedy: 'run the job again: it goes on waiting'
    })
  }
  return new Failure('scan-incomplete', `no scan of ${name} has begun within ${minutes} minutes`, {
    remedy: `turn scanning on for the repository ${quoted(repository)}, on push or continuously, or set 'scan' to 'off'`
  })
}
