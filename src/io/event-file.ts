import { readFile } from 'node:fs/promises'
import type { TriggerEvent } from '../decide/image/commit.ts'
import type { RunContext } from '../inputs/context.ts'

/** The event that started the run, with its payload from the runner's file; no payload when that cannot be read. */
export async function readEvent(context: RunContext): Promise<TriggerEvent> {
  return { name: context.eventName, ref: context.ref, sha: context.sha, payload: await readPayload(context.eventPath) }
}

async function readPayload(path: string | undefined): Promise<TriggerEvent['payload']> {
  if (path === undefined) return {}
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'))
    return typeof parsed === 'object' && parsed !== null ? (parsed as TriggerEvent['payload']) : {}
  } catch {
    return {}
  }
}
