/**
 * A program that answers as Docker does and pushes a small image when it is told to build: for tests of what happens
 * around a build, on machines without an engine. The file `driver` beside it says which driver buildx has.
 */
export const DOCKER_STAND_IN = `#!${process.execPath}
const { createHash } = require('node:crypto')
const { readFileSync, writeFileSync } = require('node:fs')
const { dirname, join } = require('node:path')
const args = process.argv.slice(2)
const after = name => args[args.indexOf(name) + 1] ?? ''
const digestOf = bytes => 'sha256:' + createHash('sha256').update(bytes).digest('hex')
const saved = join(process.env.DOCKER_CONFIG ?? '', 'password')

async function push(name) {
  const authorization = 'Basic ' + Buffer.from('AWS:' + readFileSync(saved, 'utf8')).toString('base64')
  const [host, repository] = [name.slice(0, name.indexOf('/')), name.slice(name.indexOf('/') + 1)]
  const call = async (method, url, body, type) => {
    const headers = { authorization, ...(type && { 'content-type': type }) }
    const answer = await fetch(new URL(url, 'http://' + host), { method, body, headers })
    if (!answer.ok && method !== 'HEAD') throw new Error(method + ' ' + url + ' answered ' + answer.status + ' ' + (await answer.text()))
    return answer
  }
  const [path, tag] = repository.split(':')
  const blob = async bytes => {
    const digest = digestOf(bytes)
    await call('HEAD', '/v2/' + path + '/blobs/' + digest)
    const { headers } = await call('POST', '/v2/' + path + '/blobs/uploads/')
    const patched = await call('PATCH', headers.get('location'), bytes, 'application/octet-stream')
    const location = new URL(patched.headers.get('location'), 'http://' + host)
    location.searchParams.set('digest', digest)
    await call('PUT', location.href)
    return { digest, size: bytes.length }
  }
  const config = await blob(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } })))
  const layer = await blob(Buffer.from('a layer'))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }]
  })
  const digest = digestOf(Buffer.from(manifest))
  await call('PUT', '/v2/' + path + '/manifests/' + (tag ?? digest), manifest, mediaType)
  writeFileSync(after('--metadata-file'), JSON.stringify({ 'containerimage.digest': digest, 'containerimage.descriptor': { mediaType, digest, size: manifest.length } }))
}

if (args[0] === 'login') {
  let password = ''
  process.stdin.on('data', chunk => (password += chunk)).on('end', () => writeFileSync(saved, password.trim()))
} else if (args[1] === 'version') console.log('github.com/docker/buildx v0.13.1')
else if (args[1] === 'inspect') console.log('Driver: ' + readFileSync(join(dirname(process.argv[1]), 'driver'), 'utf8'))
else if (args.includes('build')) {
  const [, name] = /name=([^,"]+)/.exec(after('--output'))
  push(name).catch(error => { console.error('ERROR: ' + error.message); process.exitCode = 1 })
}
`
