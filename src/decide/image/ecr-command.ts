import { parseEcrHost } from './ecr-host.ts'

/** Where a repository is; what is undefined is the caller's own. */
export interface RepositoryPlace {
  readonly name: string
  readonly region: string | undefined
  /** Twelve digits. */
  readonly account: string | undefined
}

/** A command of the AWS CLI, which by itself looks in the account and the region of whoever types it. */
export function ecrCommand(operation: string, { name, region, account }: RepositoryPlace): string {
  const where = region === undefined ? '' : ` --region ${region}`
  const whose = account === undefined ? '' : ` --registry-id ${account}`
  return `aws ecr ${operation}${where}${whose} --repository-name ${name}`
}

/** Where a repository is by its URI. */
export function placeByUri({ name, uri }: { readonly name: string; readonly uri: string }): RepositoryPlace {
  const host = parseEcrHost(uri.slice(0, Math.max(0, uri.indexOf('/'))))
  return { name, region: host?.region, account: host?.account }
}
