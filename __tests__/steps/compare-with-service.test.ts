import { describe, expect, test } from '@jest/globals'
import { readImages } from '../../src/decide/pin/rewrite.ts'
import type { Event } from '../../src/event.ts'
import type { RemoteManifest, RemoteRepository } from '../../src/io/registry/registry.ts'
import { compareWithService } from '../../src/steps/compare-with-service.ts'
import type { World } from '../../src/world.ts'
import { shop, WEB } from '../action/shop.ts'
import { descriptorOf } from '../io/registry/server.ts'
import { virtualWorld } from '../properties/virtual-world.ts'

process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE'
process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'

function manifest(content: object): RemoteManifest {
  const text = JSON.stringify({ schemaVersion: 2, ...content })
  return { digest: descriptorOf(Buffer.from(text)).digest, text, mediaType: undefined }
}

const CONFIG = descriptorOf(Buffer.from('{}'))
const PLATFORM = manifest({ config: CONFIG })
const OTHER = manifest({ config: CONFIG, layers: [] })
const INDEX = manifest({ manifests: [{ digest: PLATFORM.digest, platform: { os: 'linux', architecture: 'amd64' } }] })

/** Compares a file that names one digest with tasks that report another, as far as their registry shows them. */
async function compare(named: RemoteManifest, running: RemoteManifest, shown: readonly RemoteManifest[]) {
  const { world, close } = virtualWorld(shop(), [])
  const image = `registry.example.com/team/web:1.4.2@${named.digest}`
  const ecs = await world.ecs()
  const elsewhere: World = {
    ...world,
    ecs: async () => ({
      ...ecs,
      runningTasks: async (cluster, service) =>
        (await ecs.runningTasks(cluster, service)).map(task => ({
          ...task,
          containers: task.containers.map(container => ({ ...container, image, imageDigest: running.digest }))
        }))
    }),
    registry: async () => ({
      open: () =>
        ({
          readManifest: async digest => shown.find(one => one.digest === digest)
        }) satisfies Partial<RemoteRepository> as RemoteRepository
    })
  }
  const file = { path: 'compose.yaml', text: `services: { web: { image: '${image}' } }` }
  const events: Event[] = []
  try {
    const content = readImages(file.text, file.path)
    const target = { cluster: WEB.cluster, name: WEB.service, region: undefined }
    const sentences = await compareWithService(elsewhere, target, [{ file, content }], event => events.push(event))
    return { sentences, warnings: events.flatMap(event => (event.kind === 'warning' ? [event.text] : [])) }
  } finally {
    close()
  }
}

describe('a file and a service that name an image of another registry', () => {
  test.each([
    ['the index, and its tasks the platform', INDEX, PLATFORM],
    ['the platform, and its tasks the index', PLATFORM, INDEX]
  ])('agree when the file names %s', async (_, named, running) => {
    expect(await compare(named, running, [INDEX, PLATFORM])).toEqual({ sentences: [], warnings: [] })
  })

  test.each([
    ['the index', INDEX],
    ['the platform', PLATFORM]
  ])('do not when the file names %s of another image', async (_, named) => {
    const { sentences, warnings } = await compare(named, OTHER, [INDEX, PLATFORM, OTHER])
    expect(sentences).toEqual([expect.stringMatching(`^compose.yaml, line 1 \\(web\\) names .*runs ${OTHER.digest}$`)])
    expect(warnings).toEqual([])
  })

  test('are not compared when the registry shows neither', async () => {
    const { sentences, warnings } = await compare(INDEX, PLATFORM, [])
    expect(sentences).toEqual([])
    expect(warnings).toEqual([expect.stringContaining(`web runs ${PLATFORM.digest}: they could not be compared`)])
  })
})
