import { BlockList, isIP } from 'node:net'

/** How near an address is: anybody's, only this network's, only this machine's, or one that no registry can have. */
export type Nearness = 'public' | 'private' | 'loopback' | 'link-local'

const RANKS: readonly Nearness[] = ['public', 'private', 'loopback', 'link-local']

const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  // Carrier-grade NAT, which some clouds give to their own services.
  ['100.64.0.0', 10],
  ['192.0.0.0', 24],
  ['198.18.0.0', 15]
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
PRIVATE.addSubnet('fec0::', 10, 'ipv6')

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

// The metadata services of the clouds, and what is no host's address.
const LINK_LOCAL = new BlockList()
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4')
LINK_LOCAL.addSubnet('0.0.0.0', 8, 'ipv4')
LINK_LOCAL.addSubnet('224.0.0.0', 3, 'ipv4')
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6')
LINK_LOCAL.addSubnet('ff00::', 8, 'ipv6')
LINK_LOCAL.addSubnet('fd00:ec2::', 32, 'ipv6')
LINK_LOCAL.addAddress('::', 'ipv6')

/** IPv6 forms of an IPv4 address: mapped, and translated by NAT64 (RFC 6052). */
const EMBEDDING = new BlockList()
EMBEDDING.addSubnet('::ffff:0:0', 96, 'ipv6')
EMBEDDING.addSubnet('64:ff9b::', 96, 'ipv6')

/** How near an IP address is; what is none counts as `link-local`, the kind that is never gone to. */
export function nearnessOf(written: string): Nearness {
  // A zone says by which interface, and nothing about how near.
  const address = written.replace(/%.*$/, '')
  const version = isIP(address)
  if (version === 0) return 'link-local'
  if (version === 6 && EMBEDDING.check(address, 'ipv6')) return nearnessOf(embedded(address))
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (LINK_LOCAL.check(address, family)) return 'link-local'
  if (LOOPBACK.check(address, family)) return 'loopback'
  return PRIVATE.check(address, family) ? 'private' : 'public'
}

/**
 * Whether a registry may send its client on to an address. One on the Internet may not reach into the network that the
 * client is in, and none may reach a metadata service. Of one whose own address says nothing, the worst is thought.
 */
export function mayLeadTo(registry: Nearness, address: string): boolean {
  const nearness = nearnessOf(address)
  const from = registry === 'link-local' ? 'public' : registry
  return nearness !== 'link-local' && RANKS.indexOf(nearness) <= RANKS.indexOf(from)
}

/** Whether a host name means this machine, where no certificate is needed. */
export function isLoopbackHost(hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1')
  return hostname === 'localhost' || (isIP(address) !== 0 && nearnessOf(address) === 'loopback')
}

/** The last 32 bits of an IPv6 address as the IPv4 address that they are. */
function embedded(address: string): string {
  const dotted = /:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1]
  if (dotted !== undefined) return dotted
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':')
  const [high = '0', low = '0'] = groups.slice(-2)
  const bits = (Number.parseInt(high || '0', 16) << 16) | Number.parseInt(low || '0', 16)
  return [24, 16, 8, 0].map(shift => (bits >>> shift) & 255).join('.')
}
