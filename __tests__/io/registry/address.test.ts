import { describe, expect, test } from '@jest/globals'
import { isLoopbackHost, mayLeadTo, nearnessOf } from '../../../src/io/registry/address.ts'

describe('how near an address is', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12:3456::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.1.1', 'loopback'],
    ['::1', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['::1%lo', 'loopback'],
    ['fd00:ec2::254', 'link-local'],
    ['0.0.0.0', 'link-local'],
    ['255.255.255.255', 'link-local'],
    ['224.0.0.1', 'link-local'],
    ['::', 'link-local'],
    ['::ffff:169.254.169.254', 'link-local'],
    ['::ffff:a9fe:a9fe', 'link-local'],
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['registry.example', 'link-local'],
    ['', 'link-local']
  ])('%s is %s', (address, nearness) => {
    expect(nearnessOf(address)).toBe(nearness)
  })
})

test.each([
  ['public', '8.8.8.8', true],
  ['public', '10.0.0.1', false],
  ['public', '127.0.0.1', false],
  ['private', '10.0.0.1', true],
  ['private', '127.0.0.1', false],
  ['loopback', '127.0.0.1', true],
  ['loopback', '10.0.0.1', true],
  ['loopback', '169.254.169.254', false],
  ['link-local', '169.254.169.254', false],
  ['link-local', '10.0.0.1', false],
  ['link-local', '8.8.8.8', true]
] as const)('a registry whose address is %s may lead to %s: %s', (registry, address, allowed) => {
  expect(mayLeadTo(registry, address)).toBe(allowed)
})

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['[::1]', true],
  ['localhost.example', false],
  ['10.0.0.1', false]
])('%s is this machine: %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected)
})
