import type { TriggerEvent } from '../decide/image/commit.ts'
import { readBounded } from './bounded-file.ts'

/** GitHub caps payloads at 25 MB. */
const LARGEST_PAYLOAD_BYTES = 32 * 1024 * 1024

/** What the runner says about the event in variables. */
interface EventContext {
  readonly eventName: string
  readonly eventPath: string | undefined
  readonly ref: string
  readonly sha: string
}

/** The event that started the run, with its payload from the runner's file; no payload when that cannot be read. */
export async function readEvent(context: EventContext): Promise<TriggerEvent> {
  return { name: context.eventName, ref: context.ref, sha: context.sha, payload: await readPayload(context.eventPath) }
}

async function readPayload(path: string | undefined): Promise<TriggerEvent['payload']> {
  if (path === undefined) return {}
  try {
    const file = await readBounded(path, LARGEST_PAYLOAD_BYTES)
    const parsed: unknown = file.kind === 'text' ? JSON.parse(file.text) : undefined
    return typeof parsed === 'object' && parsed !== null ? (parsed as TriggerEvent['payload']) : {}
  } catch {
    return {}
  }
}
