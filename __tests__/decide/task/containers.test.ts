import { describe, expect, test } from '@jest/globals'
import { parseContainerChoices, selectContainers } from '../../../src/decide/task/containers.ts'
import { isInRepository, splitImage } from '../../../src/decide/task/image.ts'

const REGISTRY = '123456789012.dkr.ecr.eu-central-1.amazonaws.com'

function withContainers(images: Readonly<Record<string, string>>) {
  return { family: 'f', containerDefinitions: Object.entries(images).map(([name, image]) => ({ name, image })) }
}

describe('container-name', () => {
  test.each([
    ['web', [{ name: 'web' }]],
    ['web, side', [{ name: 'web' }, { name: 'side' }]],
    [' web \r\n\n side,', [{ name: 'web' }, { name: 'side' }]],
    ['web=r/a:1\nside', [{ name: 'web', image: 'r/a:1' }, { name: 'side' }]],
    ['', []]
  ])('%j', (text, expected) => {
    expect(parseContainerChoices(text)).toEqual(expected)
  })

  test('all mistakes at once', () => {
    expect(() => parseContainerChoices('=x, web=, side, side')).toThrow(
      "input container-name: '=x' has no container name before '='; 'web=' has no image after '='; container 'side' is named twice"
    )
  })
})

describe('selectContainers', () => {
  const document = withContainers({ web: `${REGISTRY}/team/web:1`, proxy: 'nginx:1.27.3' })

  test('the named ones', () => {
    const named = [{ name: 'proxy', image: 'x' }, { name: 'web' }]
    expect(selectContainers(document, { named, repository: 'team/web' })).toEqual(named)
  })

  test('the one that uses the repository, by name or URI', () => {
    for (const repository of ['team/web', `${REGISTRY}/team/web`]) {
      expect(selectContainers(document, { repository })).toEqual([{ name: 'web' }])
    }
  })

  test('the only one', () => {
    const single = withContainers({ app: 'placeholder' })
    expect(selectContainers(single, { repository: 'team/web' })).toEqual([{ name: 'app' }])
    expect(selectContainers(single, { named: [] })).toEqual([{ name: 'app' }])
  })

  test.each([
    [
      { named: [{ name: 'wbe' }, { name: 'other' }] },
      "no container 'wbe' (did you mean 'web'?), no container 'other'; this task definition has web, proxy"
    ],
    [{ repository: 'web' }, "the task definition has 2 containers and none uses the repository 'web': web, proxy"],
    [{}, 'the task definition has 2 containers: web, proxy']
  ])('refusal %#', (hints, said) => {
    expect(() => selectContainers(document, hints)).toThrow(said)
  })

  test('two that use the repository are a choice', () => {
    const both = withContainers({ web: `${REGISTRY}/web:1`, worker: `${REGISTRY}/web:1`, proxy: 'nginx' })
    expect(() => selectContainers(both, { repository: 'web' })).toThrow(
      "2 containers use the repository 'web': web, worker"
    )
  })

  test('a definition without containers', () => {
    expect(() => selectContainers({}, {})).toThrow('the task definition has no containers')
  })
})

test.each([
  ['nginx', { repository: 'nginx', tag: undefined, digest: undefined }],
  ['127.0.0.1:5000/a/b', { repository: '127.0.0.1:5000/a/b', tag: undefined, digest: undefined }],
  ['127.0.0.1:5000/a:1@sha256:ab', { repository: '127.0.0.1:5000/a', tag: '1', digest: 'sha256:ab' }],
  ['<IMAGE>', { repository: '<IMAGE>', tag: undefined, digest: undefined }]
])('splitImage(%s)', (image, parts) => {
  expect(splitImage(image)).toEqual(parts)
})

test.each([
  [`${REGISTRY}/team/web:1`, 'web', false],
  ['localhost/web:1', 'web', true],
  ['127.0.0.1:5000/team/web@sha256:ab', 'team/web', true],
  ['team/web', 'web', false]
])('isInRepository(%s, %s)', (image, repository, expected) => {
  expect(isInRepository(image, repository)).toBe(expected)
})
