import { isDigest } from '../decide/image/reference.ts'
import { textAt } from '../decide/json.ts'
import { containersOf, type TaskDefinitionDocument } from '../decide/task/document.ts'
import { splitImage } from '../decide/task/image.ts'
import type { Emit } from '../event.ts'
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

/** So long a run that is over otherwise waits for what only informs. */
const LAST_WAIT_MS = 3_000

const NOT_LOOKED_AT = 'the lifecycle policy was not looked at'

/** Something that goes on beside a run. */
export interface Aside {
  /** Waits for it for a few seconds; what is not done by then says nothing any more. */
  end(): Promise<void>
}

/**
 * Warns when the repository will soon drop the image that is deployed or the one to go back to. Never fails: it runs
 * beside a deployment that has begun, whose end tells everything that matters.
 */
export function watchLifecycle(run: DeployRun, prepared: Prepared, previous: TaskDefinitionDocument): Aside {
  const { world, emit } = run
  let isOver = false
  const tell: Emit = event => {
    if (!isOver) emit(event)
  }
  const look = tryLifecycle({ ...run, emit: tell }, prepared, previous).then(() => {
    isOver = true
  })
  return {
    async end() {
      if (isOver) return
      const done = new AbortController()
      const signal = AbortSignal.any([world.signal, done.signal])
      await Promise.race([look, world.clock.sleep(LAST_WAIT_MS, signal).catch(() => undefined)])
      done.abort()
      if (!world.signal.aborted) tell({ kind: 'note', text: `${NOT_LOOKED_AT}: ECR has not answered yet` })
      isOver = true
    }
  }
}

async function tryLifecycle(run: DeployRun, prepared: Prepared, previous: TaskDefinitionDocument): Promise<void> {
  try {
    await lookAtLifecycle(run, prepared, previous)
  } catch (error) {
    if (!run.world.signal.aborted && !(error instanceof Failure)) {
      run.emit({ kind: 'note', text: `${NOT_LOOKED_AT}: ${String(error)}` })
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
