import { withoutLogin } from '../decide/login.ts'
import { exactReference, isExact, type NamedImage, type UnclearImage } from '../decide/pin/plan.ts'
import { counted, listed } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { PinInputs } from '../inputs/pin.ts'
import type { FileChange } from '../io/workspace-files.ts'
import { compareWithService } from '../steps/compare-with-service.ts'
import {
  isAllowed,
  isToBeHighest,
  placeOf,
  readPinnableFiles,
  resolveImages,
  rewriteFile,
  type PinnableFile
} from '../steps/pin-files.ts'
import type { Ending } from './ending.ts'
import type { Run } from './run.ts'

/** Names every image of Compose and task definition files exactly, or says which is not. */
export async function pin(run: Run<PinInputs>): Promise<Ending> {
  const { inputs, world, emit, known } = run
  known.changed = false
  const workspace = await world.workspaceFiles()
  const files = await readPinnableFiles(workspace, inputs.files)
  emit({ kind: 'phase', title: 'Reading the files' })
  for (const { file, content } of files) {
    emit({ kind: 'note', text: `${file.path}: ${counted(content.sites.length, 'image')}` })
    for (const note of content.notes) emit({ kind: 'note', text: `${file.path}: ${note}` })
    tellVariables(run, file.path, content.images)
  }
  const namesNone = files.every(({ content: { sites, built } }) => sites.length + built.length === 0)
  if (inputs.service === undefined && namesNone) {
    emit({ kind: 'warning', text: `no image is named in ${listed(files.map(({ file }) => file.path))}` })
  }
  const { highest } = inputs
  if (highest !== undefined && !wanted(files, inputs).some(image => isToBeHighest(world, image, highest))) {
    emit({ kind: 'warning', text: 'no file names an image that is to have its highest version' })
  }
  const unclear = files.flatMap(file => unclearIn(file, file.content.unclear, inputs.allowed))
  if (inputs.check) return check(run, files, unclear)
  if (unclear.length > 0) throw cannotBePinned(unclear)
  return write(run, files)
}

async function write(run: Run<PinInputs>, files: readonly PinnableFile[]): Promise<Ending> {
  const { inputs, world, emit, known } = run
  emit({ kind: 'phase', title: 'Looking up the images' })
  const exact = await resolveImages(world, wanted(files, inputs), inputs.highest)
  const rewritten = files.map(file => ({ file, ...rewriteFile(file, exact) }))
  const unclear = rewritten.flatMap(({ file, unclear: images }) => unclearIn(file, images, inputs.allowed))
  if (unclear.length > 0) throw cannotBePinned(unclear)

  emit({ kind: 'phase', title: 'What changes' })
  known.changes = rewritten.flatMap(({ file, changed }) =>
    changed.map(({ image, reference }) => `${placeOf(file.file.path, image.site)}: ${image.reference} → ${reference}`)
  )
  emit({ kind: 'revision-changes', changes: known.changes })
  const changes: FileChange[] = rewritten.flatMap(({ file, text }) =>
    text === file.file.text ? [] : [{ file: file.file, text }]
  )
  const total = counted(files.flatMap(({ content }) => content.sites).length, 'image')
  const what = `${counted(known.changes.length, 'image')} in ${counted(changes.length, 'file')}`
  if (changes.length === 0)
    return { outcome: 'unchanged', reason: `nothing to do: ${total} in ${counted(files.length, 'file')}` }
  if (inputs.dryRun) return { outcome: 'planned', reason: `would name ${what} exactly` }
  await (await world.workspaceFiles()).replace(changes)
  known.changed = true
  return { outcome: 'succeeded', reason: `named ${what} exactly` }
}

/** Reads only: what is not exact, not the highest version that was asked for, or not what the service runs. */
async function check(run: Run<PinInputs>, files: readonly PinnableFile[], unclear: readonly string[]): Promise<Ending> {
  const { inputs, world, emit } = run
  emit({ kind: 'phase', title: 'Checking the images' })
  const loose = files.flatMap(({ file, content }) =>
    content.images
      .filter(image => !isExact(image) && !isAllowed(image.reference, inputs.allowed))
      .map(({ site, reference }) => `${placeOf(file.path, site)} names ${reference}, which can change`)
  )
  const older = inputs.highest === undefined ? [] : await notHighest(run, files)
  const differing = inputs.service === undefined ? [] : await compareWithService(world, inputs.service, files, emit)
  const inexact = [...unclear, ...loose]
  const findings = [...inexact, ...older, ...differing]
  for (const text of findings) emit({ kind: 'note', text })
  const total = `${counted(files.flatMap(({ content }) => content.sites).length, 'image')} in ${counted(files.length, 'file')}`
  if (findings.length === 0)
    return {
      outcome: 'unchanged',
      reason: `every image is exact${inputs.allowed.length > 0 ? ' or allowed' : ''}: ${total}`
    }
  return {
    outcome: 'rejected',
    reasonCode: inexact.length > 0 ? 'not-pinned' : 'version-differs',
    reason: findings.join('\n'),
    remedy: [
      ...(loose.length + older.length > 0 ? [inputs.service === undefined ? PIN : PIN_ALONE] : []),
      ...(unclear.length > 0 ? [CLEAR] : []),
      ...(differing.length > 0 ? ['deploy what the files name, or write what runs into them'] : [])
    ].join('; ')
  }
}

const PIN = "run this action with 'mode: pin' and without 'check', and commit what it writes"

/** What a service runs is only ever compared. */
const PIN_ALONE = PIN.replace("'check'", "'check' and 'service'")

const CLEAR =
  "name an image with a tag there, give the variable a default that nothing else sets, or list the image in 'allowed-images'"

async function notHighest(
  { inputs, world }: Run<PinInputs>,
  files: readonly PinnableFile[]
): Promise<readonly string[]> {
  const exact = await resolveImages(world, wanted(files, inputs).filter(isExact), inputs.highest)
  // Not what could be written: that a tag cannot be moved makes it no higher.
  return files.flatMap(({ file, content }) =>
    content.images.flatMap(image => {
      const found = exact.get(image.reference)
      const highest = found === undefined ? image.reference : exactReference(image, found)
      if (highest === image.reference) return []
      return [`${placeOf(file.path, image.site)} names ${image.reference}, and the highest version is ${highest}`]
    })
  )
}

function wanted(files: readonly PinnableFile[], { allowed }: PinInputs): readonly NamedImage[] {
  return files.flatMap(({ content }) => content.images.filter(({ reference }) => !isAllowed(reference, allowed)))
}

function unclearIn(
  { file }: PinnableFile,
  unclear: readonly UnclearImage[],
  allowed: readonly string[]
): readonly string[] {
  return unclear
    .filter(({ site }) => !isAllowed(site.value, allowed))
    .map(({ site, why }) => `${placeOf(file.path, site)}: ${withoutLogin(site.value)} ${why}`)
}

/** What Compose makes of a variable that somebody sets is not known here. */
function tellVariables({ emit }: Run<PinInputs>, path: string, images: readonly NamedImage[]): void {
  for (const { site, template } of images) {
    if (template.variables.length === 0) continue
    const text = `${placeOf(path, site)} is taken as it is when ${template.variables.join(', ')} is not set`
    emit({ kind: 'note', text })
  }
}

function cannotBePinned(sentences: readonly string[]): Failure {
  return new Failure('not-pinned', sentences.join('\n'), {
    remedy: CLEAR
  })
}
