import { textAt, type JsonObject } from '../decide/json.ts'
import { misplacedSecrets, redact } from '../decide/service/diagnosis/redaction.ts'
import { sameTaskDefinition } from '../decide/task/normalise.ts'
import { toRegisterInput } from '../decide/task/register.ts'
import { toTags, type Tag } from '../decide/task/tags.ts'
import type { Emit } from '../event.ts'
import { AwsFailure } from '../failure.ts'
import type { EcsPort, RegisteredTaskDefinition } from '../io/aws/ecs.ts'
import { lookAfter } from './look-after.ts'

const REGISTER_ATTEMPTS = 3

/** A task definition that is to be registered. */
export interface Rendered {
  readonly document: JsonObject
  readonly tags: readonly Tag[]
}

/** Whether a registered revision can stand for the rendered one: same content and tags, and still usable. */
export function standsFor(revision: RegisteredTaskDefinition, rendered: Rendered): boolean {
  return (
    revision.status === 'ACTIVE' &&
    sameTaskDefinition(
      { ...revision.document, tags: plain(toTags(revision.tags)) },
      { ...rendered.document, tags: plain(rendered.tags) }
    )
  )
}

/** The latest revision of the rendered family; undefined when there is none yet. */
export function latestRevision(ecs: EcsPort, { document }: Rendered): Promise<RegisteredTaskDefinition | undefined> {
  return ecs.describeTaskDefinition(textAt(document, 'family') ?? '')
}

/**
 * Registers a revision, or reuses the family's latest when it is the same. When the answer to the registration is lost
 * the latest revision tells whether it was made, so that a repeated attempt leaves no second one behind.
 */
export async function registerTaskDefinition(
  ecs: EcsPort,
  rendered: Rendered,
  latest: RegisteredTaskDefinition | undefined,
  emit: Emit
): Promise<RegisteredTaskDefinition> {
  const family = textAt(rendered.document, 'family') ?? ''
  const input = toRegisterInput(rendered.document, rendered.tags)
  if (latest !== undefined && standsFor(latest, rendered)) {
    emit({ kind: 'revision-reused', arn: latest.arn })
    return latest
  }
  const registered = await registerOnce(ecs, input, family, rendered).catch((error: unknown) => {
    throw withoutSecrets(error, rendered.document)
  })
  emit({ kind: 'revision-registered', arn: registered.arn })
  return registered
}

async function registerOnce(
  ecs: EcsPort,
  input: JsonObject,
  family: string,
  rendered: Rendered,
  attempts = REGISTER_ATTEMPTS
): Promise<RegisteredTaskDefinition> {
  try {
    return await ecs.registerTaskDefinition(input)
  } catch (error) {
    if (!(error instanceof AwsFailure && error.mayHaveActed)) throw error
    return lookAfter(error, async () => {
      const latest = await ecs.describeTaskDefinition(family)
      if (latest !== undefined && standsFor(latest, rendered)) return latest
      if (attempts <= 1) throw error
      return registerOnce(ecs, input, family, rendered, attempts - 1)
    })
  }
}

/** AWS quotes what it does not like, which may be a secret in the place of its name; values are hidden in every report. */
function withoutSecrets(error: unknown, document: JsonObject): unknown {
  if (!(error instanceof AwsFailure)) return error
  const { code, awsCode, mayHaveActed, write, remedy } = error
  const hidden = misplacedSecrets(document)
  const hide = (text: string): string => redact(text, hidden)
  const details = { cause: error, awsCode, mayHaveActed, write, ...(remedy !== undefined && { remedy: hide(remedy) }) }
  return new AwsFailure(code, hide(error.message), details)
}

/** Tags as plain objects in the order of their keys: their order carries no meaning. */
function plain(tags: readonly Tag[]): readonly JsonObject[] {
  return [...tags]
    .filter(({ key }) => !key.startsWith('aws:'))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, value }) => ({ key, value: value ?? '' }))
}
