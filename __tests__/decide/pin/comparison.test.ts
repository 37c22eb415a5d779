import { describe, expect, test } from '@jest/globals'
import { compareImages, type NamedManifest } from '../../../src/decide/pin/comparison.ts'

const INDEX: NamedManifest = { digests: ['index', 'amd64', 'arm64'], kind: 'index' }
const PLATFORM: NamedManifest = { digests: ['amd64'], kind: 'image' }
const OTHER_INDEX: NamedManifest = { digests: ['index-2', 'amd64-2'], kind: 'index' }
const OTHER_PLATFORM: NamedManifest = { digests: ['amd64-2'], kind: 'image' }

function unread({ digests: [own = ''] }: NamedManifest): NamedManifest {
  return { digests: [own], kind: 'unread' }
}

describe('an image of a file and the one that runs', () => {
  test.each<readonly [string, NamedManifest, NamedManifest, 'same' | 'other' | 'unclear']>([
    ['the same digest that nobody shows', unread(INDEX), unread(INDEX), 'same'],
    ['an index and its platform', INDEX, PLATFORM, 'same'],
    ['an index and its platform that nobody shows', INDEX, unread(PLATFORM), 'same'],
    ['a platform and its index', PLATFORM, INDEX, 'same'],
    ['a platform that nobody shows and its index', unread(PLATFORM), INDEX, 'same'],
    ['an index and another one', INDEX, unread(OTHER_INDEX), 'other'],
    ['an index and the platform of another', INDEX, unread(OTHER_PLATFORM), 'other'],
    ['two images', PLATFORM, OTHER_PLATFORM, 'other'],
    ['an image and another index', PLATFORM, OTHER_INDEX, 'other'],
    ['an image that nobody shows and another index', unread(OTHER_PLATFORM), INDEX, 'other'],
    ['an index that nobody shows and an image', unread(INDEX), PLATFORM, 'unclear'],
    ['an image and an index that nobody shows', PLATFORM, unread(INDEX), 'unclear'],
    ['two that nobody shows', unread(INDEX), unread(PLATFORM), 'unclear']
  ])('%s', async (_, named, running, expected) => {
    const [digest = ''] = running.digests
    expect(await compareImages(named, digest, async () => running)).toBe(expected)
  })
})
