import type { World } from '../../src/world.ts'
import type { Line } from '../properties/line.ts'

type Ports =
  | 'files'
  | 'addMask'
  | 'ecs'
  | 'partingEcs'
  | 'ecr'
  | 'repositories'
  | 'scans'
  | 'scaling'
  | 'logs'
  | 'alarms'
  | 'checkout'

/** The ports to a simulator in this process, on a machine without files and without a clone. */
export function portsOver(line: Line, region: string): Pick<World, Ports> {
  return {
    files: {
      exists: () => Promise.resolve(false),
      readTaskDefinition: path => Promise.reject(new Error(`no file ${path}`)),
      writeTemporary: name => Promise.resolve(`/nowhere/${name}`)
    },
    addMask: () => undefined,
    ecs: () => Promise.resolve(line.ecs(region)),
    partingEcs: () => Promise.resolve(line.ecs(region)),
    ecr: (ofRegion, account) => Promise.resolve(line.ecr(ofRegion, account)),
    repositories: (ofRegion, account) => Promise.resolve(line.repositories(ofRegion, account)),
    scans: (ofRegion, account) => Promise.resolve(line.scans(ofRegion, account)),
    scaling: () => Promise.resolve(line.scaling(region)),
    logs: () => Promise.resolve(line.logs(region)),
    alarms: () => Promise.resolve(line.alarms(region)),
    checkout: () => Promise.resolve({ head: undefined, place: undefined })
  }
}
