/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * What docker, buildx, their credential helpers and their cache back ends (type=gha, type=s3) are configured by. All
 * the rest stays here, above all INPUT_*: the inputs of this action, tokens and secrets among them.
 */
const NAMES: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SOURCE_DATE_EPOCH',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'ACTIONS_CACHE_URL',
  'ACTIONS_CACHE_SERVICE_V2',
  'ACTIONS_RESULTS_URL',
  'ACTIONS_RUNTIME_TOKEN',
  'GITHUB_ACTIONS',
  'GITHUB_REPOSITORY',
  // By this one the runner finds the processes that a job left behind.
  'RUNNER_TRACKING_ID'
])

const PREFIXES: readonly string[] = ['DOCKER_', 'BUILDX_', 'BUILDKIT_', 'AWS_']

/** The part of the environment that docker gets, with the variables that a build names itself. */
export function dockerEnvironment(all: Environment, named: readonly string[]): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(all)) {
    if (value === undefined) continue
    // Proxy variables are written in both cases.
    const known = NAMES.has(name) || NAMES.has(name.toUpperCase()) || PREFIXES.some(prefix => name.startsWith(prefix))
    if (known || named.includes(name)) kept[name] = value
  }
  return kept
}
