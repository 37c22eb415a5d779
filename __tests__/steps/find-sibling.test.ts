import { describe, expect, test } from '@jest/globals'
import type { Event } from '../../src/event.ts'
import { Failure } from '../../src/failure.ts'
import type { EcrPort } from '../../src/io/aws/ecr.ts'
import { findSibling } from '../../src/steps/find-sibling.ts'

const SHA = '9f8e7d6'.padEnd(40, '0')
const SOURCE = 'https://github.com/octo-org/shop'
const PAGE = 1000

/** A repository of many images, of which some have a revision label; tells how many pages were read. */
function repositoryWith(images: ReadonlyMap<string, string | undefined>, failsAt?: number) {
  const read = { pages: 0 }
  const tags = [...images.keys()]
  const ecr: Pick<EcrPort, 'tagPages' | 'findImage' | 'readBlob'> = {
    async *tagPages() {
      for (let from = 0; from < tags.length; from += PAGE) {
        read.pages += 1
        if (read.pages === failsAt) throw await Promise.resolve(new Failure('access-denied', 'no right to list'))
        yield tags.slice(from, from + PAGE).map(tag => ({ tag, digest: digestOf(tag) }))
      }
    },
    findImage(_, name) {
      const tag = 'tag' in name ? name.tag : ''
      const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(tag), size: 2 }
      const mediaType = 'application/vnd.oci.image.manifest.v1+json'
      const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] })
      return Promise.resolve({ digest: digestOf(tag), manifest, mediaType })
    },
    readBlob(_, digest) {
      const revision = images.get(tags.find(tag => digestOf(tag) === digest) ?? '')
      const [id, source] = revision?.split(' of ') ?? []
      const labels = {
        ...(id !== undefined && { 'org.opencontainers.image.revision': id }),
        ...(source !== undefined && { 'org.opencontainers.image.source': source })
      }
      return Promise.resolve(
        Buffer.from(JSON.stringify({ os: 'linux', architecture: 'amd64', config: { Labels: labels } }))
      )
    }
  }
  const repository = { name: 'web', uri: 'host/web', immutability: undefined }
  return { read, located: { ecr: ecr as EcrPort, repository } }
}

function digestOf(tag: string): string {
  return `sha256:${Buffer.from(tag).toString('hex').padStart(64, '0')}`
}

/** Images of other commits. */
function others(count: number): readonly (readonly [string, undefined])[] {
  return Array.from({ length: count }, (_, at) => [`main-${(at + 0x1000000).toString(16)}`, undefined] as const)
}

async function search(images: ReadonlyMap<string, string | undefined>, failsAt?: number) {
  const { located, read } = repositoryWith(images, failsAt)
  const events: Event[] = []
  const found = await findSibling(located, { sha: SHA, shaLength: 7, source: SOURCE }, event => {
    events.push(event)
  })
  return { foundBy: found?.foundBy, pages: read.pages, events }
}

describe('findSibling', () => {
  test('finds the image of the commit behind any number of others', async () => {
    const images = new Map([...others(4500), ['main-9f8e7d6', SHA]])
    expect(await search(images)).toMatchObject({ foundBy: 'main-9f8e7d6', pages: 5 })
  })

  test('reads no further than to the image that says that it is the one', async () => {
    const images = new Map([['main-9f8e7d6', SHA], ...others(4500)])
    expect(await search(images)).toMatchObject({ foundBy: 'main-9f8e7d6', pages: 1 })
  })

  test('takes one without a label when no other page has another', async () => {
    const one = new Map([['main-9f8e7d6', undefined], ...others(1500)])
    expect(await search(one)).toMatchObject({ foundBy: 'main-9f8e7d6', pages: 2 })
    const two = new Map([...one, ['cache-9f8e7d6', undefined]])
    expect((await search(two)).foundBy).toBeUndefined()
  })

  test('goes by the tag of one whose labels are those of its base image', async () => {
    const base = `${'f'.repeat(40)} of https://github.com/other/base`
    expect((await search(new Map([['main-9f8e7d6', base]]))).foundBy).toBe('main-9f8e7d6')
    const own = `${'f'.repeat(40)} of git@github.com:octo-org/shop.git`
    expect((await search(new Map([['main-9f8e7d6', own]]))).foundBy).toBeUndefined()
  })

  test('is not the image of another commit whose first digits are the same', async () => {
    expect((await search(new Map([['main-9f8e7d6', 'f'.repeat(40)]]))).foundBy).toBeUndefined()
  })

  test('says why nothing can be looked for', async () => {
    const { foundBy, events } = await search(new Map([['main-9f8e7d6', SHA]]), 1)
    expect(foundBy).toBeUndefined()
    expect(events).toEqual([
      { kind: 'note', text: expect.stringContaining('cannot be looked for: no right to list') as unknown }
    ])
  })
})
