import { parseMarker } from '../decide/image/marker.ts'
import type { ProtectionMode } from '../decide/image/protection.ts'
import { SEVERITIES, type Severity } from '../decide/image/scan.ts'
import { quoted } from '../decide/wording.ts'
import type { InputReader } from './reader.ts'

/** What is asked of the repository and of the image in it before it may be deployed. */
export interface GuardInputs {
  /** The one tag that moves, to what was proven to run. */
  readonly marker: string | undefined
  readonly immutability: ProtectionMode
  readonly createsRepository: boolean
  /** The least severity of a finding that keeps an image from being deployed; undefined: its scan is not looked at. */
  readonly scan: Severity | undefined
}

/** Reads the inputs that guard tags and images; `tags` are those of the input of that name. */
export function readGuardInputs(reader: InputReader, tags: readonly string[]): GuardInputs {
  const marker = reader.optionalLine('marker-tag')
  const scan = reader.choice('scan', ['off', 'wait'])
  const severity = reader.choice('scan-severity', SEVERITIES)
  const guard = {
    marker: marker === undefined ? undefined : reader.parsed('marker-tag', () => parseMarker(marker)),
    immutability: reader.choice('tag-immutability', ['warn', 'require', 'enforce', 'ignore']),
    createsRepository: reader.flag('create-repository'),
    scan: scan === 'wait' ? severity : undefined
  }
  if (scan === 'off' && reader.isSet('scan-severity')) {
    reader.refuse("input scan-severity means nothing unless scan is 'wait'")
  }
  if (guard.createsRepository && !reader.isSet('context')) {
    reader.refuse(
      'input create-repository means nothing without context; a repository without images has none to deploy'
    )
  }
  if (marker !== undefined && tags.includes(marker)) {
    reader.refuse(`inputs marker-tag and tags both have ${quoted(marker)}; a marker moves, and those tags never do`)
  }
  return guard
}
