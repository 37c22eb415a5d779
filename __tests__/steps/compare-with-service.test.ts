import { describe, expect, test } from '@jest/globals'
import { readImages } from '../../src/decide/pin/rewrite.ts'
import type { Event } from '../../src/event.ts'
import type { RemoteManifest, RemoteRepository } from '../../src/io/registry/registry.ts'
import { compareWithService } from '../../src/steps/compare-with-service.ts'
import type { WorkspaceFile } from '../../src/io/workspace-files.ts'
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

const NESTED = manifest({
  manifests: [{ digest: INDEX.digest, mediaType: 'application/vnd.oci.image.index.v1+json' }]
})

/** Names of containers, and the images that they were started from. */
type Containers = Readonly<Record<string, RemoteManifest>>

function nameOf({ digest }: RemoteManifest): string {
  return `registry.example.com/team/web:1.4.2@${digest}`
}

/** Compares a file with tasks of these containers, as far as the registry shows what they run. */
async function compareFile(
  file: Pick<WorkspaceFile, 'path' | 'text'>,
  tasks: readonly Containers[],
  shown: readonly RemoteManifest[]
) {
  const { world, close } = virtualWorld(shop(), [])
  const ecs = await world.ecs()
  const elsewhere: World = {
    ...world,
    ecs: async () => ({
      ...ecs,
      async runningTasks(cluster, service) {
        const [task] = await ecs.runningTasks(cluster, service)
        const [container] = task?.containers ?? []
        if (task === undefined || container === undefined) throw new Error('no task runs')
        return tasks.map(containers => ({
          ...task,
          containers: Object.entries(containers).map(([name, image]) => ({
            ...container,
            name,
            image: nameOf(image),
            imageDigest: image.digest
          }))
        }))
      }
    }),
    registry: async () => ({
      open: () =>
        ({
          readManifest: async digest => shown.find(one => one.digest === digest)
        }) satisfies Partial<RemoteRepository> as RemoteRepository
    })
  }
  const events: Event[] = []
  try {
    const content = readImages(file.text, file.path)
    const target = { cluster: WEB.cluster, name: WEB.service, region: undefined }
    const sentences = await compareWithService(elsewhere, target, [{ file, content }], event => events.push(event))
    const said = (kind: 'warning' | 'note') => events.flatMap(event => (event.kind === kind ? [event.text] : []))
    return { sentences, warnings: said('warning'), notes: said('note') }
  } finally {
    close()
  }
}

/** A Compose file that names an image for each service, or a task definition that does for each container. */
function fileOf(path: string, users: Containers): Pick<WorkspaceFile, 'path' | 'text'> {
  const images = Object.entries(users).map(([name, manifest]) => ({ name, image: nameOf(manifest) }))
  const services = Object.fromEntries(images.map(({ name, image }) => [name, { image }]))
  return { path, text: JSON.stringify(path.endsWith('.json') ? { containerDefinitions: images } : { services }) }
}

function compare(named: RemoteManifest, running: RemoteManifest, shown: readonly RemoteManifest[]) {
  return compareFile(fileOf('compose.yaml', { web: named }), [{ web: running }], shown)
}

describe('a service that runs several versions of a repository', () => {
  const RUNNING = { web: PLATFORM, migrate: OTHER }
  const SHOWN = [PLATFORM, OTHER]

  test.each(['compose.yaml', 'task.json'])('is what %s names, container by container', async path => {
    const agreed = { sentences: [], warnings: [] }
    expect(await compareFile(fileOf(path, RUNNING), [RUNNING], SHOWN)).toMatchObject(agreed)
    const { sentences } = await compareFile(fileOf(path, { web: OTHER, migrate: PLATFORM }), [RUNNING], SHOWN)
    expect(sentences).toEqual([
      expect.stringMatching(`\\(web\\) names .*${OTHER.digest}, and web runs ${PLATFORM.digest}$`),
      expect.stringMatching(`\\(migrate\\) names .*${PLATFORM.digest}, and web runs ${OTHER.digest}$`)
    ])
  })

  test('is not what a file names while some of its tasks run another', async () => {
    const tasks = [{ web: PLATFORM }, { web: OTHER }]
    const { sentences } = await compareFile(fileOf('compose.yaml', { web: PLATFORM }), tasks, SHOWN)
    expect(sentences).toEqual([expect.stringMatching(`web runs ${OTHER.digest}$`)])
  })

  test('runs what a service of another name has, if any of its containers does', async () => {
    const agreed = { sentences: [], warnings: [] }
    const file = (image: RemoteManifest) => fileOf('compose.yaml', { shop: image })
    expect(await compareFile(file(PLATFORM), [RUNNING], SHOWN)).toMatchObject(agreed)
    expect(await compareFile(file(OTHER), [RUNNING], [])).toMatchObject(agreed)
    const { sentences } = await compareFile(file(INDEX), [{ web: OTHER }], [INDEX, PLATFORM, OTHER])
    expect(sentences).toEqual([expect.stringMatching(`web runs ${OTHER.digest}$`)])
  })
})

describe('a file and a service that name an image of another registry', () => {
  test.each([
    ['the index, and its tasks the platform', INDEX, PLATFORM],
    ['the platform, and its tasks the index', PLATFORM, INDEX],
    ['an index of the index, and its tasks the platform', NESTED, PLATFORM],
    ['the platform, and its tasks an index of the index', PLATFORM, NESTED]
  ])('agree when the file names %s', async (_, named, running) => {
    expect(await compare(named, running, [NESTED, INDEX, PLATFORM])).toEqual({
      sentences: [],
      warnings: [],
      notes: ['1 of 1 image compared with what web runs']
    })
  })

  test.each([
    ['the index', INDEX],
    ['the platform', PLATFORM]
  ])('do not when the file names %s of another image', async (_, named) => {
    const { sentences, warnings } = await compare(named, OTHER, [INDEX, PLATFORM, OTHER])
    expect(sentences).toEqual([expect.stringMatching(`^compose.yaml, line 1 \\(web\\) names .*runs ${OTHER.digest}$`)])
    expect(warnings).toEqual([])
  })

  test('are not compared when the registry does not show an index in the index', async () => {
    const { sentences, warnings } = await compare(NESTED, PLATFORM, [NESTED, PLATFORM])
    expect(sentences).toEqual([])
    expect(warnings).toEqual([expect.stringContaining('they could not be compared')])
    const other = await compare(NESTED, OTHER, [NESTED, INDEX, PLATFORM, OTHER])
    expect(other.sentences).toEqual([expect.stringMatching(`runs ${OTHER.digest}$`)])
  })

  test('are not compared when the registry shows neither', async () => {
    const { sentences, warnings, notes } = await compare(INDEX, PLATFORM, [])
    expect(sentences).toEqual([])
    expect(notes).toEqual(['0 of 1 image compared with what web runs'])
    expect(warnings).toEqual([expect.stringContaining(`web runs ${PLATFORM.digest}: they could not be compared`)])
  })
})
