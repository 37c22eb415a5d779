import { isDigest } from '../decide/image/reference.ts'
import { textAt } from '../decide/json.ts'
import { containersOf, type TaskDefinitionDocument } from '../decide/task/document.ts'
import { splitImage } from '../decide/task/image.ts'
import { Failure } from '../failure.ts'
import { awaitScan } from '../steps/await-scan.ts'
import { checkLifecycle, type Needed } from '../steps/check-lifecycle.ts'
import type { RunImage } from '../steps/find-image.ts'
import type { DeployRun } from './deploy.ts'
import type { Prepared } from './prepare.ts'

/** Lets only images pass whose scans found nothing too bad (`scan: wait`). */
export async function gateScans({ inputs, world, emit, known }: DeployRun, { images }: Prepared): Promise<void> {
  const { scan } = inputs.image.guard
  if (scan === undefined) return
  emit({ kind: 'phase', title: 'Scanning' })
  const chosen = new Map<string, RunImage>()
  for (const [container, image] of images) {
    if (image !== undefined) chosen.set(`${image.repository.uri}@${image.stored.digest}`, image)
    else {
      const isUnbuilt = inputs.dryRun && inputs.image.build !== undefined
      const why = isUnbuilt ? 'it is not built yet, or elsewhere' : 'it is not there'
      emit({ kind: 'note', text: `the image of container ${container} has no scan in ECR: ${why}` })
    }
  }
  const lines: string[] = []
  for (const image of chosen.values()) {
    lines.push(...(await awaitScan(world, image, { threshold: scan, dryRun: inputs.dryRun }, emit)))
  }
  known.scans = lines
}

/**
 * Warns when the repository will soon drop the image that is deployed or the one to go back to. Never fails: it runs
 * beside a deployment that has begun, whose end tells everything that matters.
 */
export async function watchLifecycle(
  run: DeployRun,
  prepared: Prepared,
  previous: TaskDefinitionDocument
): Promise<void> {
  try {
    await lookAtLifecycle(run, prepared, previous)
  } catch (error) {
    if (!run.world.signal.aborted && !(error instanceof Failure)) {
      run.emit({ kind: 'note', text: `the lifecycle policy was not looked at: ${String(error)}` })
    }
  }
}

async function lookAtLifecycle(
  { inputs, world, emit }: DeployRun,
  { tagged }: Prepared,
  previous: TaskDefinitionDocument
): Promise<void> {
  if (tagged === undefined) return
  const { seen, image: deployed } = tagged
  const { repository, stored } = deployed
  const needed: Needed[] = [{ use: 'deployed here', name: { digest: stored.digest }, isDeployed: true }]
  for (const container of containersOf(previous)) {
    const { repository: uri, tag, digest } = splitImage(textAt(container, 'image') ?? '')
    if (uri !== repository.uri) continue
    const use = `to go back to in ${textAt(container, 'name') ?? 'a container'}`
    if (digest !== undefined && isDigest(digest)) needed.push({ use, name: { digest }, isDeployed: false })
    else if (tag !== undefined) needed.push({ use, name: { tag }, isDeployed: false })
  }
  const { guard, version } = inputs.image
  const getsTags = [...seen.values()].includes('free')
  // `auto` has counted them before.
  const tagCount = version.kind === 'auto' ? 'told' : getsTags ? 'read' : 'if-known'
  await checkLifecycle(world, deployed, { needed, marker: guard.marker, tagCount }, emit)
}
