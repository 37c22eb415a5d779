/** What gives a variable a value when Compose reads a file. */
export interface Setting {
  /** Who sets it, for sentences. */
  readonly by: string
  /** Undefined when it takes more than its line to tell, e.g. other variables. */
  readonly value: string | undefined
}

/** Who sets a variable, and to what; nobody, as a rule. */
export type SettingsOf = (name: string) => readonly Setting[]

/** A `.env` file. */
export interface EnvironmentFile {
  readonly path: string
  readonly text: string
}

/** Nobody sets anything. */
export const UNSET: SettingsOf = () => []

/**
 * Who sets a variable for Compose: the environment, or else the `.env` files, of which nobody knows which one is read;
 * https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/
 */
export function settingsOf(
  environment: Readonly<Record<string, string | undefined>>,
  files: readonly EnvironmentFile[]
): SettingsOf {
  const read = files.map(({ path, text }) => ({ path, values: readEnvironmentFile(text) }))
  return name => {
    const own = environment[name]
    if (own !== undefined) return [{ by: "this job's environment", value: own }]
    return read.flatMap(({ path, values }) => (values.has(name) ? [{ by: path, value: values.get(name) }] : []))
  }
}

/** Every line that could set a variable is taken for one that does, also inside a value of several lines. */
function readEnvironmentFile(text: string): ReadonlyMap<string, string | undefined> {
  const values = new Map<string, string | undefined>()
  for (const line of text.split(/\r?\n/)) {
    const [, name, rest = ''] = /^\uFEFF?\s*(?:export\s+)?([\w.-]+)\s*[=:](.*)$/.exec(line) ?? []
    if (name === undefined) continue
    const value = readValue(rest.trim())
    values.set(name, values.has(name) && values.get(name) !== value ? undefined : value)
  }
  return values
}

function readValue(text: string): string | undefined {
  const quoted = /^(?:'([^']*)'|"([^"\\$]*)")(?:\s+#.*)?$/.exec(text)
  if (quoted !== null) return quoted[1] ?? quoted[2]
  return /^['"#`]|[\\$]/.test(text) ? undefined : text.replace(/\s+#.*$/, '')
}
