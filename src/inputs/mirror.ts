import { parseEcrHost } from '../decide/image/ecr-host.ts'
import { parseMirrorLines, type MirrorLine } from '../decide/image/mirror.ts'
import { listed } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import { gatherCommonInputs, type CommonInputs } from './common.ts'
import type { InputReader } from './reader.ts'

/** What is asked of mode `mirror`. */
export interface MirrorInputs extends CommonInputs {
  readonly mode: 'mirror'
  /** At least one. */
  readonly lines: readonly MirrorLine[]
  /** Whether a target that is missing is created. */
  readonly createsRepository: boolean
  /** For the one registry outside ECR that the sources are in. */
  readonly login: { readonly username: string; readonly password: string } | undefined
}

/** Reads the inputs of mode `mirror`. */
export function gatherMirrorInputs(reader: InputReader): MirrorInputs {
  const lines = readLines(reader)
  const username = reader.line('source-username')
  const password = reader.verbatim('source-password').trim()
  if ((username === '') !== (password === '')) {
    reader.refuse('inputs source-username and source-password belong together; give both or neither')
  }
  const registries = [...new Set(lines.map(({ source }) => source.registry).filter(host => !parseEcrHost(host)))]
  if (username !== '' && registries.length > 1) {
    reader.refuse(
      `inputs source-username and source-password are for one registry, and the sources are in ${listed(registries)}; ` +
        'log in to them before this step instead, e.g. with docker/login-action'
    )
  }
  const login = username === '' || password === '' ? undefined : { username, password }
  const createsRepository = reader.flag('create-repository')
  return { mode: 'mirror', ...gatherCommonInputs(reader), lines, createsRepository, login }
}

function readLines(reader: InputReader): readonly MirrorLine[] {
  try {
    const lines = parseMirrorLines(reader.verbatim('mirror'))
    if (lines.length === 0) reader.refuse('there is nothing to mirror; give lines source -> target in input mirror')
    return lines
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    reader.refuse(error.message)
    return []
  }
}
