import type { Call } from './protocol/call.ts'
import type { SimResponse } from './protocol/message.ts'
import type { Simulation } from './simulation.ts'

/** The connection was cut, as a fault rule asked; its code is what Node's sockets give. */
export class ConnectionDropped extends Error {
  readonly code = 'ECONNRESET'

  constructor() {
    super('socket hang up')
    this.name = 'ConnectionDropped'
  }
}

/** Carries out a call, unless a fault rule has something else in mind, and writes it into the call log. */
export async function perform(call: Call, simulation: Simulation): Promise<SimResponse> {
  const log = startLogging(call, simulation)
  const fault = simulation.faults.strike(call.service, call.operation)
  if (fault !== undefined && fault.delayMs > 0) await simulation.clock.wait(fault.delayMs)
  // The body may have taken its time to arrive, and a fault its time to pass.
  simulation.catchUp()
  const effect = fault?.effect ?? { kind: 'none' }
  if (effect.kind === 'drop' && effect.when === 'before') {
    log(0, 'dropped before')
    throw new ConnectionDropped()
  }
  const answer = effect.kind === 'refuse' ? call.refuse(effect.refusal) : await call.run()
  if (effect.kind === 'drop') {
    log(0, 'dropped after')
    throw new ConnectionDropped()
  }
  log(answer.response.status, answer.error)
  return answer.response
}

function startLogging(call: Call, simulation: Simulation): (status: number, error: string | undefined) => void {
  const { service, operation, region, invocation, request } = call
  const seq = simulation.calls.open()
  const at = new Date(simulation.timeline.now()).toISOString()
  return (status, error) => {
    simulation.calls.close({
      seq,
      at,
      service,
      operation,
      status,
      ...(error === undefined ? {} : { error }),
      ...(region === undefined ? {} : { region }),
      ...(invocation === undefined ? {} : { invocation }),
      request
    })
  }
}
