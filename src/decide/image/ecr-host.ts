/** The private ECR registry that a host name stands for. */
export interface EcrRegistry {
  /** Twelve digits. */
  readonly account: string
  readonly region: string
  /** As in ARNs: `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, `aws-iso`, … */
  readonly partition: string
}

const HOST =
  /^(?<account>\d{12})\.dkr(?<service>\.ecr|-ecr)(?:-fips)?\.(?<region>[a-z]{2,}(?:-[a-z0-9]+)+)\.(?<suffix>.+)$/

/** Suffixes of the IPv4 endpoints, https://docs.aws.amazon.com/general/latest/gr/ecr.html, by partition. */
const PARTITION_BY_SUFFIX: ReadonlyMap<string, string> = new Map([
  ['amazonaws.com', 'aws'],
  ['amazonaws.com.cn', 'aws-cn'],
  ['amazonaws.eu', 'aws-eusc'],
  ['c2s.ic.gov', 'aws-iso'],
  ['sc2s.sgov.gov', 'aws-iso-b'],
  ['cloud.adc-e.uk', 'aws-iso-e'],
  ['csp.hci.ic.gov', 'aws-iso-f']
])

const DUAL_STACK_SUFFIX = 'on.aws'

/** Reads the host name of a private ECR registry in any of its forms; undefined when it is another registry's. */
export function parseEcrHost(host: string): EcrRegistry | undefined {
  const { account, service, region, suffix } = HOST.exec(host.toLowerCase())?.groups ?? {}
  if (account === undefined || region === undefined || suffix === undefined) return undefined
  // The dash and the suffix belong together: `dkr-ecr.REGION.on.aws`, but `dkr.ecr.REGION.amazonaws.com`.
  const dualStack = service === '-ecr'
  if (dualStack !== (suffix === DUAL_STACK_SUFFIX)) return undefined
  const partition = dualStack ? partitionOfRegion(region) : PARTITION_BY_SUFFIX.get(suffix)
  if (partition === undefined) return undefined
  return { account, region, partition: partition === 'aws' ? partitionOfRegion(region) : partition }
}

/** GovCloud shares its suffix with the commercial regions; only the region's name tells them apart. */
function partitionOfRegion(region: string): string {
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('eusc-')) return 'aws-eusc'
  return 'aws'
}

/** One name for all host names of a registry: standard, FIPS and dual-stack serve the same images. */
export function canonicalHost(host: string): string {
  const registry = parseEcrHost(host)
  if (registry === undefined) return host.toLowerCase()
  return `ecr:${registry.partition}:${registry.account}:${registry.region}`
}
