import { describe, expect, test } from '@jest/globals'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { startSimulator } from '../../simulator/server.ts'
import type { Simulator } from '../../simulator/simulator.ts'
import { loginTo } from '../io/registry/server.ts'
import { deploy, writes, type Circumstances, type Deployed } from './harness.ts'
import { digestOf, REGISTRY, shop, tagsOf, WEB, type ShopChanges } from './shop.ts'

const COMPOSE = `# The shop, as it runs on a laptop.
x-web: &web
  image: ${REGISTRY}/web:1.4.2   # keep in step with production
services:
  web: { <<: *web, ports: ["8080:80"] }
  worker:
    <<: *web
    command: [work]
  proxy:
    image: "${REGISTRY}/proxy:\${PROXY_VERSION:-1.0.0}"
  own:
    build: .
    image: ${REGISTRY}/own:dev
  batch: { image: "${REGISTRY}/own:dev" }
`

const TASK = `{
  // the task of the shop
  "family": "web",
  "containerDefinitions": [
    { "name": "web", "image": "${REGISTRY}/web:1.4.2", "command": [""] },
  ],
}
`

const IMAGES: ShopChanges = {
  images: [{ tags: ['1.4.2'], platforms: ['linux/amd64', 'linux/arm64'] }, { tags: ['1.9.0'] }, { tags: ['2.0.0'] }],
  repositories: [{ name: 'proxy', images: [{ tags: ['1.0.0'] }, { tags: ['1.1.0'] }] }]
}

interface Pinned extends Deployed {
  /** The files of the workspace after the run. */
  readonly files: Readonly<Record<string, string>>
}

/** Runs mode pin, and keeps what the workspace holds in the end. */
async function pin(
  inputs: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  { world = IMAGES, ...circumstances }: Circumstances & { readonly world?: ShopChanges } = {}
): Promise<Pinned> {
  let after: Record<string, string> = {}
  const run = await deploy(
    shop(world),
    { mode: 'pin', 'poll-seconds': '', ...inputs },
    {
      ...circumstances,
      files,
      after(workspace: string) {
        const names = readdirSync(workspace, { recursive: true, encoding: 'utf8' })
        after = Object.fromEntries(names.flatMap(name => contentOf(workspace, name)))
      }
    }
  )
  return { ...run, files: after }
}

function contentOf(workspace: string, name: string): readonly (readonly [string, string])[] {
  try {
    return name.startsWith('.') ? [] : [[name, readFileSync(join(workspace, name), 'utf8')]]
  } catch {
    return []
  }
}

describe('mode pin', () => {
  test.concurrent('names every image by tag and digest, and changes nothing else', async () => {
    const run = await pin(
      { files: 'compose*.yaml, deploy/**/*.json' },
      { 'compose.yaml': COMPOSE, 'deploy/web/task.json': TASK }
    )
    const [web, proxy] = [digestOf(run.cloud, 'web', '1.4.2'), digestOf(run.cloud, 'proxy', '1.0.0')]
    expect(run.outputs).toMatchObject({ outcome: 'succeeded', changed: 'true' })
    expect(run.files['compose.yaml']).toBe(
      COMPOSE.replace('web:1.4.2', `web:1.4.2@${web}`).replace(':-1.0.0}', `:-1.0.0@${proxy}}`)
    )
    expect(run.files['deploy/web/task.json']).toBe(TASK.replace('web:1.4.2', `web:1.4.2@${web}`))
    expect(writes(run)).toEqual([])
    expect(run.text).toContain("service 'own' is built, so its image is left alone")
    expect(run.text).toContain("'batch' has the image of a service that is built, so it is left alone")
    expect(run.text).toContain('PROXY_VERSION is not set')
    expect(Object.keys(run.files).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  test.concurrent('the file that it wrote names images that are there, and needs nothing more', async () => {
    const first = await pin({ files: 'compose.yaml' }, { 'compose.yaml': COMPOSE })
    const written = first.files['compose.yaml'] ?? ''
    const { services } = parse(written, { merge: true }) as { services: Record<string, { image?: string }> }
    const [, tag = '', digest = ''] = /:([^@/]+)@(.*)$/.exec(services['web']?.image ?? '') ?? []
    expect(tagsOf(first.cloud, 'web')[tag]).toBe(digest)
    const second = await pin({ files: 'compose.yaml' }, { 'compose.yaml': written })
    expect(second.outputs).toMatchObject({ outcome: 'unchanged', changed: 'false' })
    expect(second.files['compose.yaml']).toBe(written)
    expect(second.calls).toEqual([])
    const checked = await pin({ files: 'compose.yaml', check: 'true' }, { 'compose.yaml': written })
    expect(checked).toMatchObject({ exitCode: 0, outputs: { outcome: 'unchanged' } })
  })

  test.concurrent('sets the highest version when that is asked for', async () => {
    const inputs = { files: 'compose.yaml', version: 'highest', 'version-range': '^1', repository: 'web' }
    const run = await pin(inputs, { 'compose.yaml': COMPOSE })
    expect(run.outputs['outcome']).toBe('succeeded')
    expect(run.files['compose.yaml']).toContain(`${REGISTRY}/web:1.9.0@${digestOf(run.cloud, 'web', '1.9.0')}   # keep`)
    expect(run.files['compose.yaml']).toContain(`:-1.0.0@${digestOf(run.cloud, 'proxy', '1.0.0')}}`)
    const older = await pin(
      { ...inputs, check: 'true' },
      {
        'compose.yaml':
          run.files['compose.yaml']?.replace(/1\.9\.0@\S+/, `1.4.2@${digestOf(run.cloud, 'web', '1.4.2')}`) ?? ''
      }
    )
    expect(older).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'version-differs' } })
    expect(older.outputs['reason']).toContain('the highest version is')
  })

  test.concurrent('shows the plan in a dry run', async () => {
    const run = await pin({ files: 'compose.yaml', 'dry-run': 'true' }, { 'compose.yaml': COMPOSE })
    expect(run.outputs).toMatchObject({ outcome: 'planned', changed: 'false' })
    expect(run.files['compose.yaml']).toBe(COMPOSE)
    expect(run.text).toContain(`${REGISTRY}/web:1.4.2 → ${REGISTRY}/web:1.4.2@sha256:`)
  })

  test.concurrent('writes nothing when one image is not there', async () => {
    const files = { 'a.yaml': COMPOSE, 'b.yaml': COMPOSE.replace('web:1.4.2', 'web:1.4.3').replace('1.0.0', '7') }
    const run = await pin({ files: '*.yaml' }, files)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'image-not-found' } })
    expect(run.outputs['reason']).toContain("'1.4.3'")
    expect(run.outputs['reason']).toContain("'7'")
    expect(run.text).toContain("list an image that only another file builds in 'allowed-images'")
    expect(run.files).toMatchObject(files)
  })

  test.concurrent('refuses variables without a default, unless they are allowed', async () => {
    const text = COMPOSE.replace(':-1.0.0', '')
    const refused = await pin({ files: 'compose.yaml' }, { 'compose.yaml': text })
    expect(refused.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'not-pinned' })
    expect(refused.outputs['reason']).toContain('compose.yaml, line 10 (proxy)')
    expect(refused.outputs['reason']).toContain('PROXY_VERSION')
    expect(refused.files['compose.yaml']).toBe(text)
    const allowed = await pin({ files: 'compose.yaml', 'allowed-images': '*/proxy:*' }, { 'compose.yaml': text })
    expect(allowed.outputs['outcome']).toBe('succeeded')
    expect(allowed.files['compose.yaml']).toContain('proxy:${PROXY_VERSION}"')
  })

  test.concurrent.each([
    ['what is neither', { 'x.yaml': 'hello: world' }, { files: 'x.yaml' }, 'neither a Compose file nor'],
    ['broken YAML', { 'x.yaml': 'services: [' }, { files: 'x.yaml' }, 'no valid YAML'],
    ['a file that is not there', {}, { files: 'x.yaml' }, "no file 'x.yaml'"],
    ['paths outside', {}, { files: '../x.yaml' }, 'below the workspace'],
    ['nothing', {}, {}, 'input files'],
    ['a version of its own', { 'x.yaml': COMPOSE }, { files: 'x.yaml', version: '1.4.2' }, 'mode pin knows highest'],
    [
      'a range without highest',
      { 'x.yaml': COMPOSE },
      { files: 'x.yaml', 'version-range': '^1' },
      'only with version: highest'
    ],
    ['a service without check', { 'x.yaml': COMPOSE }, { files: 'x.yaml', service: 'web' }, 'only with check: true'],
    ['inputs of other modes', { 'x.yaml': COMPOSE }, { files: 'x.yaml', context: '.' }, 'means nothing in mode pin']
  ])('refuses %s before anything is called', async (_, files, inputs, sentence) => {
    const run = await pin(inputs, files)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'invalid' } })
    expect(run.outputs['reason']).toContain(sentence)
    expect(run.calls).toEqual([])
  })

  test.concurrent('asks other registries with the credentials that docker login left', async () => {
    const elsewhere = await startSimulator({
      world: { repositories: [{ name: 'library/nginx', images: [{ tags: ['1.27.3'] }] }], clusters: [] }
    })
    try {
      const { username, password } = await loginTo(elsewhere.simulator)
      const host = `127.0.0.1:${String(elsewhere.port)}`
      const auth = Buffer.from(`${username}:${password}`).toString('base64')
      const files = {
        'compose.yaml': `services: {web: {image: '${host}/library/nginx:1.27.3'}}`,
        'docker/config.json': JSON.stringify({ auths: { [host]: { auth } } })
      }
      const configure = { DOCKER_CONFIG: 'docker' }
      const run = await pin({ files: 'compose.yaml' }, files, { env: configure })
      expect(run.outputs['outcome']).toBe('succeeded')
      const digest = digestOf(elsewhere.simulator.state(), 'library/nginx', '1.27.3')
      expect(run.files['compose.yaml']).toBe(files['compose.yaml'].replace("1.27.3'", `1.27.3@${digest}'`))
      expect(run.calls).toEqual([])
      const denied = await pin({ files: 'compose.yaml' }, { 'compose.yaml': files['compose.yaml'] })
      expect(denied.outputs).toMatchObject({ outcome: 'rejected' })
      expect(denied.files['compose.yaml']).toBe(files['compose.yaml'])
    } finally {
      await elsewhere.close()
    }
  })

  test.concurrent('refuses symbolic links', async () => {
    const link = (_: Simulator, workspace: string) => {
      mkdirSync(dirname(join(workspace, 'real.yaml')), { recursive: true })
      writeFileSync(join(workspace, 'real.yaml'), COMPOSE)
      symlinkSync('real.yaml', join(workspace, 'compose.yaml'))
    }
    const run = await pin({ files: 'compose.yaml' }, {}, { before: link })
    expect(run.outputs).toMatchObject({ outcome: 'invalid' })
    expect(run.outputs['reason']).toContain('symbolic link')
    expect(run.files['real.yaml']).toBe(COMPOSE)
  })
})

describe('mode pin with check', () => {
  test.concurrent('says what is not exact, without asking anybody', async () => {
    const run = await pin(
      { files: 'compose.yaml, task.json', check: 'true' },
      { 'compose.yaml': COMPOSE, 'task.json': TASK }
    )
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { outcome: 'rejected', 'reason-code': 'not-pinned', changed: 'false' }
    })
    expect(run.outputs['reason']?.split('\n')).toEqual([
      `compose.yaml, line 3 (web, worker) names ${REGISTRY}/web:1.4.2, which can change`,
      `compose.yaml, line 10 (proxy) names ${REGISTRY}/proxy:1.0.0, which can change`,
      `task.json, line 5 (web) names ${REGISTRY}/web:1.4.2, which can change`
    ])
    expect(run.files).toMatchObject({ 'compose.yaml': COMPOSE, 'task.json': TASK })
    expect(run.calls).toEqual([])
  })

  test.concurrent.each(['true', 'false'])(
    'takes no default for what .env sets to something else (check: %s)',
    async check => {
      const text = `services:\n  web:\n    image: ${REGISTRY}/web:\${TAG:-1.4.2}\n`
      const files = { 'deploy/compose.yaml': text, 'deploy/.env': 'TAG=1.9.0\n' }
      const run = await pin({ files: 'deploy/compose.yaml', check }, files)
      expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'not-pinned' })
      expect(run.outputs['reason']).toContain('depends on the variable TAG, which deploy/.env sets')
      expect(run.text).toContain('give the variable a default that nothing else sets')
      expect(run.text).not.toContain("without 'check'")
      expect(run.text).not.toContain('1.9.0')
      expect(run.files['deploy/compose.yaml']).toBe(text)
    }
  )

  test.concurrent('warns when the files name no image, and tells of those that they read', async () => {
    const run = await pin({ files: '*.yaml', check: 'true' }, { 'compose.yaml': 'include: [deploy/other.yaml]\n' })
    expect(run.outputs['outcome']).toBe('unchanged')
    expect(run.annotations).toMatchObject([{ level: 'warning', message: 'no image is named in compose.yaml' }])
    expect(run.text).toContain("it includes other files, whose images count only when 'files' names them")
    const text = 'services: {own: {build: ., image: own:dev}}'
    const built = await pin({ files: '*.yaml', check: 'true' }, { 'compose.yaml': text })
    expect([built.outputs['outcome'], built.annotations]).toEqual(['unchanged', []])
  })

  test.concurrent('fails when no file is left', async () => {
    const run = await pin({ files: 'compose.yaml, !compose.yaml', check: 'true' }, { 'compose.yaml': COMPOSE })
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'reason-code': 'file-not-found' } })
  })

  const running = (image: string): ShopChanges => ({ ...IMAGES, service: { image } })

  test.concurrent('compares the files with what the service runs', async () => {
    const { files } = await pin({ files: 'compose.yaml' }, { 'compose.yaml': COMPOSE })
    const inputs = { ...WEB, files: 'compose.yaml', check: 'true' }
    const same = await pin(inputs, files, { world: running('web:1.4.2') })
    expect(same).toMatchObject({ exitCode: 0, outputs: { outcome: 'unchanged' } })
    const other = await pin(inputs, files, { world: running('web:1.9.0') })
    expect(other).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'version-differs' } })
    expect(other.outputs['reason']).toContain(`and web runs ${digestOf(other.cloud, 'web', '1.9.0')}`)
    expect(other.text).toContain('What to do: deploy what the files name, or write what runs into them')
    expect(writes(other)).toEqual([])
    const loose = await pin(inputs, { 'compose.yaml': COMPOSE }, { world: running('web:1.9.0') })
    expect(loose.text).toContain("with 'mode: pin' and without 'check' and 'service'")
  })

  test.concurrent('warns when there is nothing to compare with', async () => {
    const { files } = await pin({ files: 'compose.yaml' }, { 'compose.yaml': COMPOSE })
    const inputs = { ...WEB, files: 'compose.yaml', check: 'true' }
    const parked = await pin(inputs, files, { world: { ...IMAGES, service: { image: 'web:1.4.2', desiredCount: 0 } } })
    expect(parked.outputs['outcome']).toBe('unchanged')
    expect(parked.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('runs no task') as unknown }
    ])
    const foreign = await pin(inputs, { 'compose.yaml': 'services: {}' })
    expect(foreign.annotations).toMatchObject([
      { message: expect.stringContaining('no file names an image') as unknown }
    ])
  })
})
