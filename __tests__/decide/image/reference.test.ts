import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseEcrHost } from '../../../src/decide/image/ecr-host.ts'
import {
  formatImageReference,
  parseDigest,
  parseImageReference,
  parseRepository,
  sameRepository
} from '../../../src/decide/image/reference.ts'
import { anyCharacter } from '../../support/any-character.ts'

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`
const ACCOUNT = '123456789012'

describe('parseImageReference', () => {
  test.each([
    ['nginx', 'docker.io', 'library/nginx', undefined, undefined],
    ['nginx:1.27.3', 'docker.io', 'library/nginx', '1.27.3', undefined],
    ['team/web:v1', 'docker.io', 'team/web', 'v1', undefined],
    ['index.docker.io/nginx', 'docker.io', 'library/nginx', undefined, undefined],
    ['registry-1.docker.io/library/nginx', 'docker.io', 'library/nginx', undefined, undefined],
    ['localhost/web:1', 'localhost', 'web', '1', undefined],
    ['localhost:5000/team/web', 'localhost:5000', 'team/web', undefined, undefined],
    ['127.0.0.1:5151/web:main-3035eca', '127.0.0.1:5151', 'web', 'main-3035eca', undefined],
    ['[::1]:5151/web:1', '[::1]:5151', 'web', '1', undefined],
    ['GHCR.io/team/web:1', 'ghcr.io', 'team/web', '1', undefined],
    [`web@${DIGEST}`, 'docker.io', 'library/web', undefined, DIGEST],
    [`ghcr.io/a/b__c.d-e:T_1@${DIGEST}`, 'ghcr.io', 'a/b__c.d-e', 'T_1', DIGEST]
  ])('%s', (text, registry, repository, tag, digest) => {
    expect(parseImageReference(text)).toEqual({
      registry,
      repository,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest })
    })
  })

  test.each([
    ['', /the repository is missing/],
    ['https://ghcr.io/team/web:1', /is a URL/],
    ['ghcr.io/Team/web:1', /lower case/],
    ['Web', /lower case/],
    ['web:', /'' is no legal tag/],
    ['web:-x', /'-x' is no legal tag/],
    ['web:1.2.3+b5', /'1.2.3\+b5' is no legal tag/],
    [`web:${'a'.repeat(129)}`, /no legal tag/],
    ['joe:p/w@host/web', /^'\*\*\*@host\/web' is not an image reference: it has a login$/],
    ['https://joe:pw@host/web', /^'https:\/\/\*\*\*@host\/web' is not/],
    ['web@sha256:123', /'sha256:123' is not an image digest/],
    [`web@sha512:${'a'.repeat(128)}`, /is not an image digest/],
    ['ghcr.io//web', /empty part/],
    ['web/', /empty part/],
    ['a..b/web', /'a..b' is no host name/],
    ['team/web_', /'web_' is no legal part/],
    ['two words', /'two words' is no legal part/],
    ['ghcr.io/', /the repository is missing/],
    [`ghcr.io/${'a'.repeat(248)}`, /have 256 characters/]
  ])('refuses %p', (text, sentence) => {
    expect(() => parseImageReference(text)).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: expect.stringMatching(sentence) as unknown })
    )
  })

  test('capitals make no host of a word', () => {
    expect(() => parseImageReference('Team/web:1.0.0')).toThrow(/lower case/)
    expect(parseImageReference('LocalHost/web:1.0.0').registry).toBe('localhost')
    expect(parseImageReference('GHCR.io/team/web:1.0.0').registry).toBe('ghcr.io')
  })

  test('a name of exactly 255 characters is taken', () => {
    expect(parseImageReference(`ghcr.io/${'a'.repeat(247)}`).repository).toHaveLength(247)
  })

  const component = fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/)
  const reference = fc.record(
    {
      registry: fc.constantFrom('ghcr.io', 'localhost', '127.0.0.1:5151', `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`),
      repository: fc.array(component, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/')),
      tag: fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/),
      digest: fc.stringMatching(/^sha256:[0-9a-f]{64}$/).map(parseDigest)
    },
    { requiredKeys: ['registry', 'repository'] }
  )

  test('reads back what formatImageReference writes', () => {
    fc.assert(
      fc.property(reference, value => {
        expect(parseImageReference(formatImageReference(value))).toEqual(value)
      })
    )
  })

  test('either reads or says why not, for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyCharacter }), fc.stringMatching(/^[a-zA-Z:/@.-]*$/)), text => {
        try {
          const parsed = parseImageReference(text)
          expect(parseImageReference(formatImageReference(parsed))).toEqual(parsed)
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid-input' })
        }
      })
    )
  })
})

describe('parseRepository', () => {
  test.each([
    ['web', undefined, 'web'],
    ['team/web', undefined, 'team/web'],
    ['127.0.0.1:5151/team/web', '127.0.0.1:5151', 'team/web'],
    [`${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/web`, `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com`, 'web']
  ])('%s', (text, registry, repository) => {
    expect(parseRepository(text)).toEqual({ registry, repository })
  })

  test.each(['web:1', 'team/web:1', `web@${DIGEST}`, 'localhost:5000/web:1', '', 'Web', 'a b', 'https://x/y'])(
    'refuses %p',
    text => {
      expect(() => parseRepository(text)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    }
  )
})

describe('parseEcrHost', () => {
  test.each([
    ['.dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1', 'aws'],
    ['.dkr.ecr-fips.us-east-1.amazonaws.com', 'us-east-1', 'aws'],
    ['.dkr-ecr.us-east-2.on.aws', 'us-east-2', 'aws'],
    ['.dkr-ecr-fips.us-east-2.on.aws', 'us-east-2', 'aws'],
    ['.dkr.ecr.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'aws-us-gov'],
    ['.dkr.ecr-fips.us-gov-east-1.amazonaws.com', 'us-gov-east-1', 'aws-us-gov'],
    ['.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'aws-cn'],
    ['.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'aws-eusc'],
    ['.dkr.ecr.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', 'aws-iso'],
    ['.dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1', 'aws-iso-b'],
    ['.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1', 'aws-iso-e'],
    ['.dkr.ecr.us-isof-south-1.csp.hci.ic.gov', 'us-isof-south-1', 'aws-iso-f']
  ])('%s', (rest, region, partition) => {
    expect(parseEcrHost(ACCOUNT + rest)).toEqual({ account: ACCOUNT, region, partition })
  })

  test.each([
    'docker.io',
    'public.ecr.aws',
    '127.0.0.1:5151',
    '12345.dkr.ecr.eu-west-1.amazonaws.com',
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com.evil.example`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.on.aws`,
    `${ACCOUNT}.dkr-ecr.eu-west-1.amazonaws.com`,
    `x${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`
  ])('%s is no private ECR registry', host => {
    expect(parseEcrHost(host)).toBeUndefined()
  })
})

describe('sameRepository', () => {
  const standard = parseImageReference(`${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/web:1`)

  test.each([`${ACCOUNT}.dkr.ecr-fips.us-east-1.amazonaws.com/web`, `${ACCOUNT}.dkr-ecr.us-east-1.on.aws/web:2`])(
    '%s is another name of it',
    text => {
      expect(sameRepository(standard, parseImageReference(text))).toBe(true)
    }
  )

  test.each([
    `${ACCOUNT}.dkr.ecr.us-east-2.amazonaws.com/web`,
    '210987654321.dkr.ecr.us-east-1.amazonaws.com/web',
    `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/webs`,
    'ghcr.io/web'
  ])('%s is another repository', text => {
    expect(sameRepository(standard, parseImageReference(text))).toBe(false)
  })
})
