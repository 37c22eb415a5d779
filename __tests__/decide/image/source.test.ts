import { describe, expect, test } from '@jest/globals'
import { isSameSource, sourceOfContext } from '../../../src/decide/image/source.ts'

const OWN = 'https://github.com/Acme/shop'

describe('isSameSource', () => {
  test.each([
    OWN,
    'https://github.com/acme/shop.git',
    'https://github.com/acme/shop/',
    'http://github.com/acme/shop',
    'https://x-access-token:abc@github.com/acme/shop.git',
    'https://github.com:443/acme/shop',
    'git@github.com:acme/shop.git',
    'github.com:acme/shop',
    'git@github.com:/acme/shop.git',
    'ssh://git@github.com/acme/shop.git',
    'ssh://git@github.com:22/acme/shop',
    'git+https://github.com/acme/shop.git#main',
    'git://github.com/acme/shop.git',
    'github.com/acme/shop',
    'https://github.com/acme/shop/tree/main',
    'https://github.com/acme/shop#readme',
    'https://github.com/acme/shop?tab=readme',
    ' https://github.com/acme/shop\n'
  ])('%j is the own one', stated => {
    expect(isSameSource(stated, OWN)).toBe(true)
    expect(isSameSource(stated, `${OWN}.git`)).toBe(true)
  })

  test.each([
    'https://github.com/acme/shop-base',
    'https://github.com/acme',
    'https://github.com/other/shop',
    'https://gitlab.com/acme/shop',
    'git@gitlab.com:acme/shop.git',
    'https://github.com/acme/shop.github.io',
    'shop',
    ''
  ])('%j is another', stated => {
    expect(isSameSource(stated, OWN)).toBe(false)
  })

  test('on a server with a port', () => {
    expect(isSameSource('ssh://git@ghe.corp:2222/acme/shop.git', 'https://ghe.corp:8443/acme/shop')).toBe(true)
  })
})

test.each([
  ['https://u:p@github.com/o/r.git#abc:dir', 'https://github.com/o/r.git'],
  ['git@github.com:o/r.git#abc', 'https://github.com/o/r.git'],
  ['git@github.com:/o/r.git', 'https://github.com/o/r.git'],
  ['ssh://git@github.com/o/r.git#abc', 'https://github.com/o/r.git'],
  ['ssh://git@ghe.corp:2222/o/r.git', 'https://ghe.corp/o/r.git'],
  ['git://github.com/o/r.git', 'git://github.com/o/r.git'],
  ['https://ghe.corp:8443/o/r.git', 'https://ghe.corp:8443/o/r.git'],
  ['https://host/o/r.tar.gz?token=x', 'https://host/o/r.tar.gz']
])('%s is fetched from %s', (context, source) => {
  expect(sourceOfContext(context)).toBe(source)
})
