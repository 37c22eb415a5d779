import { shortArn } from '../decide/arn.ts'
import type { WatchedDeployment } from '../decide/service/verdict.ts'
import { didNothing } from '../failure.ts'

/** What is known of a way back. */
export interface WayBack {
  /** What was begun, in words that go on from "the deployment was started;"; undefined when nothing was. */
  parting?: string
  /** The deployment of the previous revision by which it goes; undefined when there is none. */
  wayBackId?: string
}

/** Which deployment a service returns from, and to what. */
export interface Return {
  readonly mine: WatchedDeployment
  /** ARN of the newest revision that completed before it; where nothing shows one, of what the service was set to. */
  readonly previousArn: string
  /** Where the way back stands, for whoever is cut off on it. */
  readonly known: WayBack
}

/** Why nothing is deployed in place of a deployment whose service was set to the same revision before. */
export const NO_OTHER = 'no other revision is known to have completed before it, so there is none to go back to'

/** Sends a write of the way back, which is known to be `lost` until it is answered or refused. */
export async function sending<T>(known: WayBack, lost: string, send: () => Promise<T>): Promise<T> {
  const { parting: before } = known
  known.parting = lost
  try {
    return await send()
  } catch (error) {
    if (didNothing(error)) {
      delete known.parting
      if (before !== undefined) known.parting = before
    }
    throw error
  }
}

/** Sends the UpdateService that deploys the previous revision again; that may be under way as long as it has no answer. */
export function deployingAgain<T>({ previousArn, known }: Return, send: () => Promise<T>): Promise<T> {
  const sent = `UpdateService was sent to deploy ${shortArn(previousArn)} again`
  return sending(known, `${sent} and its answer is lost, so that may be under way`, send)
}

/** Notes what UpdateService made PRIMARY to go back, and tells whether that is a deployment of its own. */
export function noteDeployed({ mine, previousArn, known }: Return, back: { readonly id: string }): boolean {
  if (mine.olderIds.includes(back.id)) {
    // ECS was on its way back there, unseen by reads that lag: nothing was started.
    known.parting = `ECS is on its way back to ${shortArn(previousArn)}`
    return false
  }
  known.parting = `${shortArn(previousArn)} was deployed again as ${back.id}`
  known.wayBackId = back.id
  return true
}
