import { shortArn } from '../decide/arn.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'

/** Hosts of the console outside the commercial partition. */
const CONSOLE_HOSTS: readonly (readonly [prefix: string, host: (region: string) => string])[] = [
  ['cn-', () => 'console.amazonaws.cn'],
  ['us-gov-', () => 'console.amazonaws-us-gov.com'],
  ['eusc-', () => 'console.amazonaws-eusc.eu']
]

/** The page of a service's deployments in the AWS console. */
export function consoleUrl(region: string, service: ServiceSnapshot): string {
  const special = CONSOLE_HOSTS.find(([prefix]) => region.startsWith(prefix))?.[1]
  const host = special === undefined ? `${region}.console.aws.amazon.com` : special(region)
  const cluster = encodeURIComponent(shortArn(service.clusterArn))
  const name = encodeURIComponent(service.name)
  return `https://${host}/ecs/v2/clusters/${cluster}/services/${name}/deployments?region=${encodeURIComponent(region)}`
}
