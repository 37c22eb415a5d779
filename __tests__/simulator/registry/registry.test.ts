import { describe, expect, test } from '@jest/globals'
import { digestOf } from '../../../simulator/cloud/ecr/digest.ts'
import type { Ecr } from '../../../simulator/cloud/ecr/ecr.ts'
import type { SimResponse } from '../../../simulator/protocol/message.ts'
import { registryProtocol } from '../../../simulator/protocol/registry/registry.ts'
import { addLayers, CALLER, cloudOf, HOST, imageOf, request, START_MS, textOf } from '../ecr/cloud.ts'

const world = {
  repositories: [
    { name: 'team/web', images: [{ tags: ['v1'] }, { tags: ['multi'], platforms: ['linux/amd64', 'linux/arm64'] }] },
    { name: 'fixed', imageTagMutability: 'IMMUTABLE' as const, images: [{ tags: ['v1', 'v2'] }] }
  ]
}
const INDEX = 'application/vnd.oci.image.index.v1+json'

type Options = Parameters<typeof request>[3]

function send(ecr: Ecr, method: string, target: string, options?: Options): Promise<SimResponse> {
  return registryProtocol(ecr)(request(ecr, method, target, options), CALLER)
}

/** Status and error code of an answer, and the code's sentence. */
function errorOf({ status, body }: SimResponse): unknown[] {
  const { errors } = JSON.parse(textOf(body)) as { errors: { code: string; message: string }[] }
  return [status, errors[0]?.code, errors[0]?.message]
}

function digestOfTag(ecr: Ecr, repository: string, imageTag: string): string {
  return ecr.repository(repository).find({ imageTag })?.digest ?? ''
}

describe('who may come in', () => {
  test('nobody without credentials, and ECR says how', async () => {
    const { ecr } = cloudOf(world)
    const answer = await send(ecr, 'GET', '/v2/', { headers: { authorization: '' } })
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="http://127.0.0.1:4321/",service="ecr.amazonaws.com"' }
    })
  })

  test.each(['AWS:wrong', 'root:token', 'AWS'])('not with %s', async user => {
    const authorization = `Basic ${Buffer.from(user).toString('base64')}`
    expect(await send(cloudOf(world).ecr, 'GET', '/v2/', { headers: { authorization } })).toMatchObject({ status: 401 })
  })

  test('whoever has a token, as long as it lasts', async () => {
    const { ecr, timeline } = cloudOf(world)
    const { headers } = request(ecr, 'GET', '/v2/')
    expect(await send(ecr, 'GET', '/v2/', { headers })).toMatchObject({ status: 200, body: '{}' })
    timeline.advanceTo(START_MS + 13 * 3_600_000)
    expect(errorOf(await send(ecr, 'GET', '/v2/', { headers }))).toEqual([
      403,
      'DENIED',
      'Your authorization token has expired. Reauthenticate and try again.'
    ])
  })
})

describe('manifests', () => {
  test('are read by tag and by digest, byte for byte', async () => {
    const { ecr } = cloudOf(world)
    const byTag = await send(ecr, 'GET', '/v2/team/web/manifests/v1')
    const digest = byTag.headers['docker-content-digest'] ?? ''
    expect(digestOf(textOf(byTag.body))).toBe(digest)
    expect(await send(ecr, 'GET', `/v2/team/web/manifests/${digest}`)).toEqual(byTag)
    expect(await send(ecr, 'HEAD', '/v2/team/web/manifests/v1')).toEqual({ ...byTag, body: '' })
  })

  test('of several platforms become one for a client that takes no index', async () => {
    const { ecr } = cloudOf(world)
    const read = async (accept: string) =>
      (await send(ecr, 'GET', '/v2/team/web/manifests/multi', { headers: { accept } })).headers['content-type']
    expect(await read('*/*')).toBe(INDEX)
    expect(await read(`application/vnd.oci.image.manifest.v1+json, ${INDEX};q=0.5`)).toBe(INDEX)
    expect(await read('application/vnd.oci.image.manifest.v1+json')).toBe('application/vnd.oci.image.manifest.v1+json')
  })

  test('that are not there are unknown, and so are repositories', async () => {
    const { ecr } = cloudOf(world)
    const notFound = [404, 'MANIFEST_UNKNOWN', 'Requested image not found']
    expect(errorOf(await send(ecr, 'GET', '/v2/team/web/manifests/gone'))).toEqual(notFound)
    expect(errorOf(await send(ecr, 'GET', `/v2/team/web/manifests/${digestOf('gone')}`))).toEqual(notFound)
    expect(errorOf(await send(ecr, 'GET', '/v2/nobody/manifests/v1'))).toEqual([
      404,
      'NAME_UNKNOWN',
      "The repository with name 'nobody' does not exist in the registry with id '111122223333'"
    ])
    expect(await send(ecr, 'HEAD', '/v2/team/web/manifests/1.0+5')).toMatchObject({ status: 400, body: '' })
  })

  test('are stored under a tag or their digest, as often as a client likes', async () => {
    const { ecr } = cloudOf(world)
    const image = imageOf('pushed')
    addLayers(ecr, 'team/web', image)
    const put = (reference: string) =>
      send(ecr, 'PUT', `/v2/team/web/manifests/${reference}`, {
        headers: { 'content-type': image.mediaType },
        body: [image.manifest]
      })
    for (const reference of ['v2', 'v2', image.digest, image.digest, 'v3']) {
      expect(await put(reference)).toMatchObject({ status: 201, headers: { 'docker-content-digest': image.digest } })
    }
    expect(errorOf(await put(digestOf('other'))).slice(0, 2)).toEqual([400, 'DIGEST_INVALID'])
  })

  test('need what they name', async () => {
    const { ecr } = cloudOf(world)
    const image = imageOf('pushed')
    const answer = await send(ecr, 'PUT', '/v2/team/web/manifests/v2', { body: [image.manifest] })
    expect(errorOf(answer).slice(0, 2)).toEqual([400, 'MANIFEST_BLOB_UNKNOWN'])
    expect(errorOf(await send(ecr, 'PUT', '/v2/team/web/manifests/v2', { body: '{}' }))).toEqual([
      405,
      'UNSUPPORTED',
      "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"
    ])
  })

  test('do not overwrite an immutable tag, not even with themselves', async () => {
    const { ecr } = cloudOf(world)
    const body = textOf((await send(ecr, 'GET', '/v2/fixed/manifests/v1')).body)
    expect(errorOf(await send(ecr, 'PUT', '/v2/fixed/manifests/v1', { body }))).toEqual([
      400,
      'TAG_INVALID',
      "The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the tag is immutable."
    ])
    expect(await send(ecr, 'PUT', '/v2/fixed/manifests/v3', { body })).toMatchObject({ status: 201 })
  })

  test('are deleted by digest, unless an index needs them', async () => {
    const { ecr } = cloudOf(world)
    const index = digestOfTag(ecr, 'team/web', 'multi')
    const child = ecr
      .repository('team/web')
      .images()
      .find(image => image.platform?.architecture === 'arm64')
    const remove = (reference: string) => send(ecr, 'DELETE', `/v2/team/web/manifests/${reference}`)
    expect(await remove('v1')).toMatchObject({ status: 405 })
    expect(errorOf(await remove(child?.digest ?? ''))).toEqual([
      405,
      'UNSUPPORTED',
      `Requested image referenced by manifest list: [${index}]`
    ])
    expect(await remove(index)).toMatchObject({ status: 202 })
    expect(await remove(index)).toMatchObject({ status: 404 })
  })

  test('that speak about another image are refused, and nobody can ask for them', async () => {
    const { ecr } = cloudOf(world)
    const document = JSON.parse(textOf((await send(ecr, 'GET', '/v2/team/web/manifests/v1')).body)) as object
    const subject = { mediaType: INDEX, digest: digestOfTag(ecr, 'team/web', 'multi'), size: 1 }
    const body = JSON.stringify({ ...document, subject })
    expect(await send(ecr, 'PUT', '/v2/team/web/manifests/signature', { body })).toMatchObject({ status: 405 })
    expect(await send(ecr, 'GET', `/v2/team/web/referrers/${subject.digest}`)).toMatchObject({ status: 404 })
  })
})

describe('tags', () => {
  test('are listed in pages', async () => {
    const { ecr } = cloudOf(world)
    const first = await send(ecr, 'GET', '/v2/fixed/tags/list?n=1')
    expect(first).toMatchObject({
      body: '{"name":"fixed","tags":["v1"]}',
      headers: { link: '</v2/fixed/tags/list?n=1&last=v1>; rel="next"' }
    })
    const second = await send(ecr, 'GET', '/v2/fixed/tags/list?n=1&last=v1')
    expect(second.body).toBe('{"name":"fixed","tags":["v2"]}')
    expect(second.headers.link).toBeUndefined()
  })

  test('are never listed more than a thousand at a time', async () => {
    expect(errorOf(await send(cloudOf(world).ecr, 'GET', '/v2/fixed/tags/list?n=1001')).slice(0, 2)).toEqual([
      405,
      'UNSUPPORTED'
    ])
  })
})

describe('blobs', () => {
  test('are announced by HEAD and handed out by a link that needs no credentials', async () => {
    const { ecr } = cloudOf(world)
    const digest = ecr.blobs.put(Buffer.from('layer'))
    ecr.repository('team/web').layers.add(digest)
    expect(await send(ecr, 'HEAD', `/v2/team/web/blobs/${digest}`)).toMatchObject({
      status: 200,
      headers: { 'content-length': '5', 'docker-content-digest': digest }
    })
    const { status, headers } = await send(ecr, 'GET', `/v2/team/web/blobs/${digest}`)
    expect(status).toBe(307)
    const { host, pathname, search } = new URL(headers.location ?? '')
    expect(host).toBe(HOST)
    const anonymous = { headers: { authorization: '' } }
    expect(await send(ecr, 'GET', `${pathname}${search}`, anonymous)).toMatchObject({
      status: 200,
      body: Buffer.from('layer')
    })
    expect(await send(ecr, 'GET', pathname, anonymous)).toMatchObject({ status: 403 })
    expect(await send(ecr, 'GET', `/v2/fixed/blobs/${digest}`)).toMatchObject({ status: 404 })
  })
})

describe('uploads', () => {
  async function start(ecr: Ecr, query = ''): Promise<string> {
    const { status, headers } = await send(ecr, 'POST', `/v2/team/web/blobs/uploads/${query}`)
    expect(status).toBe(202)
    return new URL(headers.location ?? '').pathname
  }

  test('go in one PATCH and a PUT, answered as only ECR answers', async () => {
    const { ecr } = cloudOf(world)
    const place = await start(ecr)
    const digest = digestOf('layer')
    expect(await send(ecr, 'PATCH', place, { body: 'layer' })).toMatchObject({ status: 201, headers: { range: '0-4' } })
    expect(await send(ecr, 'PUT', `${place}?digest=${digest}`)).toMatchObject({
      status: 201,
      headers: { 'docker-content-digest': digest, location: `http://${HOST}/v2/team/web/blobs/${digest}` }
    })
    expect(await send(ecr, 'PUT', `${place}?digest=${digest}`)).toMatchObject({ status: 404 })
  })

  test('name the end of the first chunk for ever, although they store the later ones', async () => {
    const { ecr } = cloudOf(world)
    const place = await start(ecr)
    const chunk = (body: string, range: string) =>
      send(ecr, 'PATCH', place, { body, headers: { 'content-range': range } })
    await chunk('lay', '0-2')
    expect(await chunk('er', '3-4')).toMatchObject({ status: 201, headers: { range: '0-2' } })
    expect(await send(ecr, 'GET', place)).toMatchObject({ status: 204, headers: { range: '0-2' } })
    const misplaced = await chunk('er', '3-4')
    expect(misplaced.status).toBe(416)
    expect(JSON.stringify(misplaced)).toContain('First byte of the layer part is 3 instead of 5')
    expect(await send(ecr, 'PUT', `${place}?digest=${digestOf('layer')}`)).toMatchObject({ status: 201 })
  })

  test('go in one POST, or one PUT', async () => {
    const { ecr } = cloudOf(world)
    const target = `/v2/team/web/blobs/uploads/?digest=${digestOf('one')}`
    expect(await send(ecr, 'POST', target, { body: 'one' })).toMatchObject({ status: 201 })
    const place = await start(ecr)
    expect(await send(ecr, 'PUT', `${place}?digest=${digestOf('two')}`, { body: 'two' })).toMatchObject({ status: 201 })
    expect(ecr.repository('team/web').layers).toContain(digestOf('two'))
  })

  test('of other bytes than announced leave nothing behind', async () => {
    const { ecr } = cloudOf(world)
    const place = await start(ecr)
    const answer = await send(ecr, 'PUT', `${place}?digest=${digestOf('two')}`, { body: 'one' })
    expect(errorOf(answer).slice(0, 2)).toEqual([400, 'DIGEST_INVALID'])
    for (const text of ['one', 'two']) expect(ecr.repository('team/web').layers).not.toContain(digestOf(text))
  })

  test('take the place of a mount, which ECR does not grant by default', async () => {
    const { ecr } = cloudOf(world)
    const digest = ecr.blobs.put(Buffer.from('layer'))
    ecr.repository('fixed').layers.add(digest)
    const place = await start(ecr, `?mount=${digest}&from=fixed`)
    expect(await send(ecr, 'DELETE', place)).toMatchObject({ status: 204 })
    expect(await send(ecr, 'GET', place)).toMatchObject({ status: 404 })
  })
})
