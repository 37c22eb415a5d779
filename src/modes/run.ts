import type { TriggerEvent } from '../decide/image/commit.ts'
import type { Emit } from '../event.ts'
import type { Inputs } from '../inputs.ts'
import type { Knowledge } from '../outcome.ts'
import type { World } from '../world.ts'

/** What one mode works with: its inputs, what the runner says, the ports, and what becomes known on the way. */
export interface Run<ModeInputs extends Inputs> {
  readonly inputs: ModeInputs
  readonly event: TriggerEvent
  /** URL of the repository on GitHub; undefined when the runner does not say. */
  readonly source: string | undefined
  readonly world: World
  readonly emit: Emit
  readonly known: Knowledge
}
