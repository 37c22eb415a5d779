import { describeTarget, type MirrorLine } from '../decide/image/mirror.ts'
import { formatImageReference } from '../decide/image/reference.ts'
import { counted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { MirrorInputs } from '../inputs/mirror.ts'
import type { MirroredImage } from '../outcome.ts'
import { copyImage, type CopyPlan } from '../steps/copy-image.ts'
import { openRegistries } from '../steps/open-registry.ts'
import { withLostAnswer, type Ending } from './ending.ts'
import type { Run } from './run.ts'

/** Copies images into ECR, registry to registry. Every line is tried; what failed is reported together. */
export async function mirror(run: Run<MirrorInputs>): Promise<Ending> {
  const { inputs, world, emit, known } = run
  if (inputs.login !== undefined) world.addMask(inputs.login.password)
  emit({ kind: 'phase', title: 'Mirroring' })
  const registries = openRegistries(world, await world.registry(), inputs.login)
  const plan: CopyPlan = {
    registries,
    dryRun: inputs.dryRun,
    createsRepository: inputs.createsRepository,
    imagined: new Set(),
    onWrite() {
      known.changed = true
    }
  }
  known.changed = false
  const images: MirroredImage[] = []
  const failures: Failure[] = []
  known.images = images
  for (const line of inputs.lines) {
    emit({ kind: 'phase', title: `${formatImageReference(line.source)} → ${describeTarget(line)}` })
    try {
      images.push(await copyImage(world, line, plan, emit))
    } catch (error) {
      if (world.signal.aborted) return cancelled(images, inputs.lines, error)
      if (!(error instanceof Failure)) throw error
      emit({ kind: 'warning', text: `${formatImageReference(line.source)} is not mirrored: ${error.message}` })
      images.push(failed(line, error))
      failures.push(error)
    }
  }
  const [first] = images
  if (first?.digest !== undefined && first.outcome !== 'failed') {
    known.image = first.image
    known.imageDigest = first.digest
    known.imageTags = first.tags
  }
  return conclude(images, failures, known.changed, inputs.dryRun)
}

function failed(line: MirrorLine, { code, message }: Failure): MirroredImage {
  const { digest } = line.source
  return {
    source: formatImageReference(line.source),
    image: describeTarget(line),
    ...(digest !== undefined && { digest }),
    tags: [],
    outcome: 'failed',
    reason: message,
    reasonCode: code
  }
}

function conclude(
  images: readonly MirroredImage[],
  failures: readonly Failure[],
  wrote: boolean,
  dryRun: boolean
): Ending {
  const [first] = failures
  if (first !== undefined) {
    const sentences = images.flatMap(({ source, reason }) => (reason === undefined ? [] : [`${source}: ${reason}`]))
    const remedies = [...new Set(failures.flatMap(({ remedy }) => remedy ?? []))]
    return {
      outcome: wrote ? 'failed' : 'rejected',
      reasonCode: first.code,
      reason: [
        `${String(failures.length)} of ${String(images.length)} images could not be mirrored`,
        ...sentences
      ].join('\n'),
      ...(remedies.length > 0 && { remedy: remedies.join('; ') })
    }
  }
  const count = (outcome: MirroredImage['outcome']): number => images.filter(image => image.outcome === outcome).length
  const there = count('unchanged')
  const besides = there === 0 ? '' : `; ${counted(there, 'image')} there already`
  if (dryRun) return { outcome: 'planned', reason: `would copy ${counted(count('planned'), 'image')}${besides}` }
  const completed = count('completed')
  const attached = completed === 0 ? '' : ` and what is attached to ${counted(completed, 'image')}`
  if (count('copied') + completed === 0)
    return { outcome: 'unchanged', reason: `${counted(there, 'image')} there already` }
  return { outcome: 'succeeded', reason: `copied ${counted(count('copied'), 'image')}${attached}${besides}` }
}

/** Tags are put last, so an image whose copy was broken off has none. */
function cancelled(images: readonly MirroredImage[], lines: readonly MirrorLine[], error: unknown): Ending {
  const done = images.filter(({ outcome }) => outcome !== 'failed').length
  const reason = `the job was cancelled; ${String(done)} of ${counted(lines.length, 'image')} were done, and no tag points at one that is not whole`
  return withLostAnswer({ outcome: 'cancelled', reasonCode: 'cancelled', reason }, error)
}
