import { parseRepository, type RepositoryName } from '../decide/image/reference.ts'
import { listed, quoted } from '../decide/wording.ts'
import type { VersionFilter } from '../decide/version/highest.ts'
import { gatherCommonInputs, type CommonInputs } from './common.ts'
import type { InputReader } from './reader.ts'
import { readServiceTarget, type ServiceTarget } from './service.ts'
import { readVersionFilter } from './version.ts'

/** What is asked of mode `pin`. */
export interface PinInputs extends CommonInputs {
  readonly mode: 'pin'
  /** Patterns of paths below the workspace; at least one. */
  readonly files: readonly string[]
  /** Report, and write nothing. */
  readonly check: boolean
  /** Which images are set to the highest version of their repository; undefined: none is. */
  readonly highest: HighestImages | undefined
  /** The service whose running images the files are compared with. */
  readonly service: ServiceTarget | undefined
  /** Images that are left as they are, `*` standing for any characters. */
  readonly allowed: readonly string[]
}

/** Which images get the highest version. */
export interface HighestImages {
  readonly filter: VersionFilter
  /** Undefined: all in ECR. */
  readonly repository: RepositoryName | undefined
}

/** Reads the inputs of mode `pin`. */
export function gatherPinInputs(reader: InputReader): PinInputs {
  const files = reader.list('files')
  if (files.length === 0)
    reader.refuse('there is nothing to pin; give the Compose or task definition files in input files')
  const outside = files.filter(path => /^!?\//.test(path) || path.split('/').includes('..'))
  if (outside.length > 0) reader.refuse(`input files has ${listed(outside)}; write paths below the workspace`)
  const check = reader.flag('check')
  const service = readServiceTarget(reader)
  if (service !== undefined && !check) {
    reader.refuse('input service is compared with the files only with check: true; leave it out, or give check')
  }
  return {
    mode: 'pin',
    ...gatherCommonInputs(reader),
    files,
    check,
    highest: readHighest(reader),
    service,
    allowed: reader.list('allowed-images')
  }
}

function readHighest(reader: InputReader): HighestImages | undefined {
  const version = reader.line('version')
  const filter = readVersionFilter(reader)
  const text = reader.optionalLine('repository')
  const repository = text === undefined ? undefined : reader.parsed('repository', () => parseRepository(text))
  if (version === 'highest') return { filter, repository }
  if (version !== '') reader.refuse(`input version is ${quoted(version)}; mode pin knows highest, or nothing`)
  for (const name of ['version-range', 'prerelease', 'repository'] as const) {
    if (reader.isSet(name)) reader.refuse(`input ${name} means something in mode pin only with version: highest`)
  }
  return undefined
}
