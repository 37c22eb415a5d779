import type { TaskDefinitionDocument } from './document.ts'
import { isObject, textAt } from '../json.ts'

/** Operating system and architecture, in the words of image indexes. */
export interface Platform {
  readonly os: string
  readonly architecture: string
}

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['X86_64', 'amd64'],
  ['ARM64', 'arm64']
])

/**
 * The platform that a revision's images must have. Without `runtimePlatform` it is what Fargate assumes, linux/amd64;
 * on EC2 the instance decides, so callers treat a default as a hint.
 */
export function requiredPlatform(document: TaskDefinitionDocument): Platform {
  const platform = isObject(document.runtimePlatform) ? document.runtimePlatform : {}
  const system = (textAt(platform, 'operatingSystemFamily') ?? 'LINUX').toUpperCase()
  const architecture = (textAt(platform, 'cpuArchitecture') ?? 'X86_64').toUpperCase()
  return {
    os: system.startsWith('WINDOWS') ? 'windows' : system.toLowerCase(),
    architecture: ARCHITECTURES.get(architecture) ?? architecture.toLowerCase()
  }
}
