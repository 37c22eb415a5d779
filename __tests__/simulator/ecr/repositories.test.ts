import { describe, expect, test } from '@jest/globals'
import { ask, call, cloudOf, listOf, START_MS, textOf } from './cloud.ts'

describe('repositories', () => {
  test('are created as the API describes them', async () => {
    const { ecr } = cloudOf({})
    const filters = [{ filterType: 'WILDCARD', filter: 'latest' }]
    const { repository } = await ask(ecr, 'CreateRepository', {
      repositoryName: 'team/web',
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: filters,
      imageScanningConfiguration: { scanOnPush: true }
    })
    expect(repository).toEqual({
      repositoryArn: 'arn:aws:ecr:eu-central-1:111122223333:repository/team/web',
      registryId: '111122223333',
      repositoryName: 'team/web',
      repositoryUri: '127.0.0.1:4321/team/web',
      createdAt: START_MS / 1000,
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: filters,
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: 'AES256' }
    })
    expect(await call(ecr, 'CreateRepository', { repositoryName: 'team/web' })).toBe(
      "RepositoryAlreadyExistsException: The repository with name 'team/web' already exists in the registry with id '111122223333'"
    )
  })

  test.each(['Web', 'a', '-web', 'web/', 'we b', 'x'.repeat(257)])('cannot be called %s', async repositoryName => {
    const { ecr } = cloudOf({})
    expect(await call(ecr, 'CreateRepository', { repositoryName })).toMatch(
      /^InvalidParameterException: Invalid parameter at 'repositoryName'/
    )
  })

  test('are described by name or in pages', async () => {
    const { ecr } = cloudOf({ repositories: [{ name: 'bb' }, { name: 'aa' }, { name: 'cc' }] })
    const first = await ask(ecr, 'DescribeRepositories', { maxResults: 2 })
    expect(first).toMatchObject({ repositories: [{ repositoryName: 'aa' }, { repositoryName: 'bb' }] })
    const second = await ask(ecr, 'DescribeRepositories', { maxResults: 2, nextToken: first.nextToken })
    expect(second).toEqual({ repositories: [expect.objectContaining({ repositoryName: 'cc' })] })
    expect(await call(ecr, 'DescribeRepositories', { repositoryNames: ['aa', 'zz'] })).toBe(
      "RepositoryNotFoundException: The repository with name 'zz' does not exist in the registry with id '111122223333'"
    )
    expect(await call(ecr, 'DescribeRepositories', { repositoryNames: ['aa'], maxResults: 2 })).toMatch(/maxResults/)
  })

  test('with images are deleted only by force', async () => {
    const { ecr } = cloudOf({ repositories: [{ name: 'web', images: [{ tags: ['v1'] }] }] })
    expect(await call(ecr, 'DeleteRepository', { repositoryName: 'web' })).toBe(
      "RepositoryNotEmptyException: The repository with name 'web' in registry with id '111122223333' cannot be deleted because it still contains images"
    )
    await ask(ecr, 'DeleteRepository', { repositoryName: 'web', force: true })
    expect(await ask(ecr, 'DescribeRepositories')).toEqual({ repositories: [] })
  })

  test('change which tags can move', async () => {
    const { ecr } = cloudOf({ repositories: [{ name: 'web', images: [{ tags: ['v1'] }, { tags: ['v2'] }] }] })
    ecr.moveTag('web', 'v1', 'v2')
    await ask(ecr, 'PutImageTagMutability', { repositoryName: 'web', imageTagMutability: 'IMMUTABLE' })
    const other = ecr.repository('web').images()[0]?.digest ?? ''
    expect(() => {
      ecr.moveTag('web', 'v1', other)
    }).toThrow(/cannot be overwritten/)
  })
})

test('a token opens the registry for twelve hours', async () => {
  const { ecr, timeline } = cloudOf({})
  const { authorizationData } = await ask(ecr, 'GetAuthorizationToken')
  const [entry] = listOf(authorizationData)
  expect(entry).toMatchObject({ expiresAt: START_MS / 1000 + 43_200, proxyEndpoint: 'http://127.0.0.1:4321' })
  const [user, password = ''] = Buffer.from(textOf(entry?.authorizationToken), 'base64').toString().split(':')
  expect(user).toBe('AWS')
  expect(ecr.credentials.checkPassword(password)).toBe('valid')
  expect(ecr.credentials.checkPassword(`${password.slice(0, -8)}AAAAAAA=`)).toBe('unknown')
  timeline.advanceTo(START_MS + 43_200_000)
  expect(ecr.credentials.checkPassword(password)).toBe('expired')
})
