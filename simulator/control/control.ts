import { jsonResponse } from '../protocol/call.ts'
import { readBody, type SimRequest, type SimResponse } from '../protocol/message.ts'
import type { Simulator } from '../simulator.ts'
import { parseChange } from './change.ts'
import { parseFaults } from './faults.ts'
import { InvalidInput, number, object } from './read.ts'
import { parseWorld } from './world.ts'

/** Where the endpoints start that steer the simulator. */
export const CONTROL_PREFIX = '/_sim/'

const readAdvance = object<{ readonly seconds: number }>({ seconds: number(0) }, ['seconds'])

type Endpoint = (simulator: Simulator, body: unknown) => unknown

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'POST world': (simulator, body) => {
    simulator.reset(parseWorld(body))
    return { now: simulator.now() }
  },
  'POST faults': (simulator, body) => {
    const rules = parseFaults(body)
    simulator.setFaults(rules)
    return { faults: rules.length }
  },
  'POST change': (simulator, body) => simulator.change(parseChange(body)),
  'POST advance': (simulator, body) => {
    simulator.advance(readAdvance(body, 'advance').seconds)
    return { now: simulator.now() }
  },
  'GET calls': simulator => simulator.calls(),
  'GET state': simulator => simulator.state()
}

/** Answers a request to `/_sim/…`; what cannot be taken gets a 400 with one sentence that says why. */
export async function answerControl(request: SimRequest, simulator: Simulator): Promise<SimResponse> {
  const endpoint = `${request.method} ${request.path.slice(CONTROL_PREFIX.length)}`
  const run = Object.hasOwn(ENDPOINTS, endpoint) ? ENDPOINTS[endpoint] : undefined
  if (run === undefined) {
    const known = Object.keys(ENDPOINTS).join(', ')
    return jsonResponse(404, { error: `there is no ${endpoint} below ${CONTROL_PREFIX}; there are ${known}` })
  }
  try {
    const text = (await readBody(request.body)).toString('utf8')
    return jsonResponse(200, run(simulator, request.method === 'POST' ? parseJson(text) : undefined))
  } catch (error) {
    // Worlds and changes name clusters, images and tasks: what is not there is the caller's mistake as well.
    return jsonResponse(400, { error: error instanceof Error ? error.message : String(error) })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidInput(`the body is not valid JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
