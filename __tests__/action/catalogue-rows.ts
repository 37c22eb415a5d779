import type { Behaviour } from '../../simulator/cloud/images.ts'
import { IMAGE_REASONS } from '../decide/service/diagnosis/catalogue-image.ts'
import { RESOURCE_REASONS } from '../decide/service/diagnosis/catalogue-resource.ts'
import { EXITS, STOPS } from '../decide/service/diagnosis/catalogue-run.ts'
import { START_REASONS } from '../decide/service/diagnosis/catalogue-start.ts'

/** What nobody may read anywhere. */
export const SECRET = 'postgres://app:hunter22@db/main'

/** A row of the catalogue: how the tasks of a deployment fail, and what a user reads. */
export interface CatalogueRow {
  readonly name: string
  readonly behaviour: Behaviour
  readonly words: string
  readonly code: string
  readonly remedy: string
}

const STARTING = [...IMAGE_REASONS, ...RESOURCE_REASONS, ...START_REASONS].map(
  ([name, reason, words, code, _heals, remedy]): CatalogueRow => ({
    name: `cannot start: ${name}`,
    behaviour: { stop: { stopCode: 'TaskFailedToStart', reason }, logs: [SECRET] },
    words,
    code,
    remedy
  })
)

const RUNNING = [...EXITS, ...STOPS].map(
  ({ name, stopCode, reason, container = {}, words, code, remedy }): CatalogueRow => ({
    name: `ran: ${name}`,
    behaviour: { stop: { stopCode, reason, container }, logs: [`no answer from ${SECRET}`] },
    words,
    code,
    remedy
  })
)

/** The catalogue. */
export const ROWS: readonly CatalogueRow[] = [...STARTING, ...RUNNING]
