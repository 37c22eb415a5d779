import { parseArgs } from 'node:util'
import { InvalidInput } from './control/read.ts'
import { parseWorld } from './control/world.ts'
import type { ServerOptions } from './server.ts'

/** How the simulator is started. */
export const USAGE = 'npm run simulator -- [--port N] [--speed X] [--clock scaled|manual] [--world FILE]'

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'start'; readonly options: ServerOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly sentence: string }

/** Reads the arguments, and the world's file through `readFile`. */
export function readCommand(args: readonly string[], readFile: (path: string) => string): Command {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        speed: { type: 'string' },
        clock: { type: 'string' },
        world: { type: 'string' },
        help: { type: 'boolean', short: 'h' }
      }
    })
    if (values.help === true) return { kind: 'help' }
    const { port, speed, clock, world } = values
    if (clock === 'manual' && speed !== undefined) {
      throw new InvalidInput('--speed means nothing with --clock manual: time moves only by POST /_sim/advance')
    }
    const options: ServerOptions = {
      ...(port === undefined ? {} : { port: readPort(port) }),
      ...(speed === undefined ? {} : { speed: readSpeed(speed) }),
      ...(clock === undefined ? {} : { clock: readClock(clock) }),
      ...(world === undefined ? {} : { world: readWorldFile(world, readFile) })
    }
    return { kind: 'start', options }
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    return { kind: 'wrong', sentence: error instanceof InvalidInput ? sentence : `${sentence}\nusage: ${USAGE}` }
  }
}

function readPort(value: string): number {
  const port = Number(value)
  if (!/^\d+$/.test(value) || port > 65_535) throw new InvalidInput(`--port: expected 0 to 65535, got '${value}'`)
  return port
}

function readSpeed(value: string): number {
  const speed = Number(value)
  if (!/^\d+(\.\d+)?$/.test(value) || speed <= 0) {
    throw new InvalidInput(`--speed: expected a number above 0, got '${value}'`)
  }
  return speed
}

function readClock(value: string): 'manual' | 'scaled' {
  if (value === 'manual' || value === 'scaled') return value
  throw new InvalidInput(`--clock: expected scaled or manual, got '${value}'`)
}

function readWorldFile(path: string, readFile: (path: string) => string): NonNullable<ServerOptions['world']> {
  let text: string
  try {
    text = readFile(path)
  } catch (cause) {
    throw new InvalidInput(
      `--world: '${path}' cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`
    )
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new InvalidInput(`--world: '${path}' is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  return parseWorld(value)
}
