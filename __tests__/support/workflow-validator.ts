import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { data, type DescriptionDictionary } from '@actions/expressions'
import type { ValidationConfig, validate } from '@actions/languageservice'
import { build } from 'esbuild'
import { parse } from 'yaml'

type TextDocument = Parameters<typeof validate>[0]
type Metadata = NonNullable<
  Awaited<ReturnType<NonNullable<ValidationConfig['actionsMetadataProvider']>['fetchActionMetadata']>>
>
type ContextProvider = NonNullable<ValidationConfig['contextProviderConfig']>['getContext']

interface LanguageService {
  readonly validate: typeof validate
  readonly TextDocument: { create(uri: string, language: string, version: number, text: string): TextDocument }
}

/** Checks workflows and action.yml with GitHub's own language service. */
export interface WorkflowValidator {
  /** What is wrong with the text of the file at `path`, one sentence each. */
  findings(path: string, text: string): Promise<readonly string[]>
}

// Under this name workflows use this action: a path would mean the caller's checkout, and leave the inputs unchecked.
const OWNER = 'ecs-deploy'
const NAME = 'ecs-deploy-action'

const SERVICE = `
export { validate } from '@actions/languageservice'
export { TextDocument } from 'vscode-languageserver-textdocument'
`

/** Makes a validator that knows what this action declares in action.yml and takes other actions as they come. */
export async function createWorkflowValidator(): Promise<WorkflowValidator> {
  const { validate, TextDocument } = await loadLanguageService()
  const own = parse(await readFile('action.yml', 'utf8')) as Metadata
  const config: ValidationConfig = {
    actionsMetadataProvider: {
      fetchActionMetadata: ({ owner, name }) =>
        Promise.resolve(owner === OWNER && name === NAME ? own : { name, description: '' })
    },
    contextProviderConfig: { getContext: closeOutputs(own) }
  }
  let asked = 0
  return {
    async findings(path, text) {
      // The service remembers what it parsed by address: every text gets one of its own.
      const document = TextDocument.create(`file:///${String(asked++)}/${path}`, 'yaml', 1, text)
      return (await validate(document, config)).map(({ message }) =>
        typeof message === 'string' ? message : message.value
      )
    }
  }
}

/** Outputs of a step are open-ended to the language service: for steps of this action only those declared are known. */
function closeOutputs({ outputs = {} }: Metadata): ContextProvider {
  return (name, context, { job }) => {
    if (name !== 'steps' || context === undefined || job === undefined || !('steps' in job)) {
      return Promise.resolve(context)
    }
    for (const step of job.steps) {
      if (!('uses' in step) || !step.uses.value.startsWith(`${OWNER}/${NAME}@`)) continue
      const known = (context.get(step.id) as DescriptionDictionary | undefined)?.get('outputs') as
        DescriptionDictionary | undefined
      if (known === undefined) continue
      for (const output of Object.keys(outputs)) known.add(output, new data.StringData(''))
      known.complete = true
    }
    return Promise.resolve(context)
  }
}

/** The language service imports JSON without attributes, which Node refuses: it only runs bundled. */
async function loadLanguageService(): Promise<LanguageService> {
  const { outputFiles } = await build({
    stdin: { contents: SERVICE, resolveDir: process.cwd() },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'error'
  })
  const directory = await mkdtemp(join(tmpdir(), 'language-service-'))
  try {
    const path = join(directory, 'service.cjs')
    await writeFile(path, outputFiles[0]?.text ?? '')
    return createRequire(import.meta.url)(path) as LanguageService
  } finally {
    await rm(directory, { recursive: true })
  }
}
