import { numberOf, textOf } from '../../cloud/ecs/json.ts'
import { AwsError, type JsonObject } from '../operation.ts'

/** One page of a list and what asks for the next. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextToken: string | undefined
}

/** The page of `items` that `maxResults` and `nextToken` of a request ask for; InvalidParameterException. */
export function pageOf<Item>(items: readonly Item[], input: JsonObject, defaultSize: number): Page<Item> {
  const size = numberOf(input.maxResults) ?? defaultSize
  if (size < 1 || size > 100) {
    throw new AwsError('InvalidParameterException', 'maxResults should be between 1 and 100.')
  }
  const start = readToken(textOf(input.nextToken))
  const end = start + size
  return { items: items.slice(start, end), nextToken: end < items.length ? writeToken(end) : undefined }
}

/** Refuses a list of names that is empty or longer than the API takes. */
export function requireCount(names: readonly unknown[], what: string, most: number): void {
  if (names.length === 0) throw new AwsError('InvalidParameterException', `${what} cannot be empty.`)
  if (names.length > most) {
    throw new AwsError('InvalidParameterException', `${what} cannot have more than ${String(most)} elements.`)
  }
}

/** Epoch milliseconds as AWS JSON has them. */
export function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000
}

function writeToken(start: number): string {
  return Buffer.from(`from ${String(start)}`).toString('base64url')
}

function readToken(token: string | undefined): number {
  if (token === undefined) return 0
  const match = /^from (\d+)$/.exec(Buffer.from(token, 'base64url').toString())
  if (match === null) throw new AwsError('InvalidParameterException', 'Invalid token.')
  return Number(match[1])
}
