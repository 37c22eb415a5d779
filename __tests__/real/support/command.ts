import { spawn } from 'node:child_process'

interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Runs a command to its end and returns what it printed; throws with what it printed on stderr when it fails. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const child = spawn(command, args, { env: { ...process.env, ...options.env } })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (err += chunk))
  child.stdin.end(options.input ?? '')
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited ${String(code)}: ${err.trim() || out.trim()}`)
  return out
}

/** Credentials that any client takes for real, and nothing of the machine's own configuration. */
export const AWS_ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_REGION: 'eu-central-1',
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: ''
} as const

/** What one AWS CLI command answers from the simulator at `url`: its JSON document. */
export async function aws(url: string, ...args: readonly string[]): Promise<unknown> {
  return JSON.parse(await awsText(url, ...args, '--output', 'json'))
}

/** What one AWS CLI command prints, as it stands. */
export async function awsText(url: string, ...args: readonly string[]): Promise<string> {
  return run('aws', ['--endpoint-url', url, ...args], { env: AWS_ENVIRONMENT })
}

/** A variable that `npm run test:real` sets; throws when these tests are run without it. */
export function realPart(name: 'REAL_REGISTRY' | 'REAL_NODE24'): string {
  const value = process.env[name]
  if (value === undefined || value === '')
    throw new Error(`${name} is not set: start these tests with npm run test:real`)
  return value
}
