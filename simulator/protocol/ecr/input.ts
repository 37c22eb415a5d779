import { invalidParameter } from '../../cloud/ecr/fault.ts'
import type { ImageId } from '../../cloud/ecr/repository.ts'
import type { Json, JsonObject } from '../operation.ts'

/** Most identifiers that one call may name. */
const MAX_BATCH = 100
const MAX_PAGE = 1000
const DEFAULT_PAGE = 100

/** A text member, or undefined when it is left out. */
export function text(input: JsonObject, member: string): string | undefined {
  const value = input[member]
  return typeof value === 'string' ? value : undefined
}

/** A text member that the API model requires. */
export function requiredText(input: JsonObject, member: string): string {
  const value = text(input, member)
  if (value === undefined) throw invalidParameter(member, 'Member must not be null')
  return value
}

/** A number that the API model requires. */
export function requiredNumber(input: JsonObject, member: string): number {
  const value = input[member]
  if (typeof value !== 'number') throw invalidParameter(member, 'Member must not be null')
  return value
}

/** A structure member; an empty one when it is left out. */
export function structure(input: JsonObject, member: string): JsonObject {
  const value = input[member]
  return isObject(value) ? value : {}
}

/** A list of structures, or undefined when it is left out. */
export function structures(input: JsonObject, member: string): JsonObject[] | undefined {
  const value = input[member]
  return isList(value) ? value.filter(isObject) : undefined
}

/** A list of texts of at most a hundred, or undefined when it is left out. */
export function texts(input: JsonObject, member: string): string[] | undefined {
  const value = input[member]
  if (!isList(value)) return undefined
  checkBatch(value, member)
  return value.filter(item => typeof item === 'string')
}

/** Image identifiers, at most a hundred, or undefined when they are left out. */
export function imageIds(input: JsonObject): ImageId[] | undefined {
  const ids = structures(input, 'imageIds')
  if (ids === undefined) return undefined
  checkBatch(ids, 'imageIds')
  return ids.map(imageId)
}

/** One image identifier. */
export function imageId(id: JsonObject): ImageId {
  const imageTag = text(id, 'imageTag')
  const imageDigest = text(id, 'imageDigest')
  return { ...(imageDigest !== undefined && { imageDigest }), ...(imageTag !== undefined && { imageTag }) }
}

/** One page of `items`, as `maxResults` and `nextToken` ask for it, and the token of the next. */
export function page<T>(input: JsonObject, items: readonly T[]): { readonly items: T[]; readonly nextToken?: string } {
  const size = typeof input.maxResults === 'number' ? input.maxResults : DEFAULT_PAGE
  if (size < 1) throw invalidParameter('maxResults', 'Member must have value greater than or equal to 1')
  if (size > MAX_PAGE) throw invalidParameter('maxResults', `Member must have value less than or equal to ${MAX_PAGE}`)
  const token = text(input, 'nextToken')
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString('latin1'))
  if (!Number.isInteger(start)) throw invalidParameter('nextToken', 'Invalid token')
  const end = start + size
  const chosen = items.slice(start, end)
  return end < items.length
    ? { items: chosen, nextToken: Buffer.from(String(end)).toString('base64') }
    : { items: chosen }
}

/** Refuses paging beside a list of what is wanted: ECR answers such a list in one go. */
export function refusePaging(input: JsonObject, member: string): void {
  for (const paging of ['nextToken', 'maxResults']) {
    if (input[paging] !== undefined) throw invalidParameter(paging, `Member must be null when ${member} is specified`)
  }
}

function checkBatch(items: readonly Json[] | readonly JsonObject[], member: string): void {
  if (items.length < 1) throw invalidParameter(member, 'Member must have length greater than or equal to 1')
  if (items.length <= MAX_BATCH) return
  throw invalidParameter(member, `Member must have length less than or equal to ${MAX_BATCH}`)
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
