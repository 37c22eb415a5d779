import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Where the installer puts what no package installs. */
const PARTS = resolve('.parts')

/** Docker command line plugins that the installer brought, if any. */
export const DOCKER_PLUGINS = join(PARTS, 'docker', 'cli-plugins')

const COMMANDS = ['docker', 'dockerd', 'docker-registry', 'skopeo', 'umoci', 'aws', 'gcc']

// dockerd lives in sbin, which is not on everybody's path.
const PATH = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']

/** Full path of a command, or undefined when it is not installed. */
export async function findCommand(name: string): Promise<string | undefined> {
  for (const directory of PATH) {
    const path = join(directory, name)
    if (await isExecutable(path)) return path
  }
  return undefined
}

/** Full path of a Node 24 binary: the running one, or the installer's. */
export async function findNode24(): Promise<string | undefined> {
  if (process.version.startsWith('v24.')) return process.execPath
  const path = join(PARTS, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
  return (await isExecutable(path)) ? path : undefined
}

/** Names of the parts that the real tests need and this machine lacks. */
export async function findMissingParts(): Promise<readonly string[]> {
  const missing: string[] = []
  for (const name of COMMANDS) if ((await findCommand(name)) === undefined) missing.push(name)
  if (!(await hasBuildx())) missing.push('docker buildx')
  if ((await findNode24()) === undefined) missing.push('Node 24')
  return missing
}

async function hasBuildx(): Promise<boolean> {
  if (await isExecutable(join(DOCKER_PLUGINS, 'docker-buildx'))) return true
  return run('docker', ['buildx', 'version']).then(
    () => true,
    () => false
  )
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false
  )
}
