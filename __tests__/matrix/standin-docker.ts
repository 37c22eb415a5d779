import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What buildx with a builder of its own does, as far as anybody can see: another image each time, pushed by digest. */
const SCRIPT = String.raw`
const { createHash, randomBytes } = require('node:crypto')
const { readFileSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const args = process.argv.slice(2)
const config = join(process.env.DOCKER_CONFIG, 'config.json')

function after(option) {
  return args[args.indexOf(option) + 1]
}

async function send(method, path, headers, body) {
  const answer = await fetch(REGISTRY + path, { method, headers, body })
  if (answer.status !== 201) throw new Error('unexpected status from ' + method + ' request: ' + answer.status)
}

async function build() {
  const { auths } = JSON.parse(readFileSync(config, 'utf8'))
  const headers = { authorization: 'Basic ' + Object.values(auths)[0].auth }
  const name = /name=[^/,]+\/([^,]+)/.exec(after('--output'))[1]
  const descriptor = async (mediaType, bytes) => {
    const digest = 'sha256:' + createHash('sha256').update(bytes).digest('hex')
    if (!mediaType.includes('manifest')) await send('POST', '/v2/' + name + '/blobs/uploads/?digest=' + digest, headers, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const layer = await descriptor('application/vnd.oci.image.layer.v1.tar', randomBytes(64))
  const image = { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [layer.digest] } }
  const about = await descriptor('application/vnd.oci.image.config.v1+json', Buffer.from(JSON.stringify(image)))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: about, layers: [layer] }))
  const built = await descriptor(mediaType, manifest)
  await send('PUT', '/v2/' + name + '/manifests/' + built.digest, { ...headers, 'content-type': mediaType }, manifest)
  const metadata = { 'containerimage.digest': built.digest, 'containerimage.descriptor': built }
  writeFileSync(after('--metadata-file'), JSON.stringify(metadata))
}

function login() {
  const auth = Buffer.from('AWS:' + readFileSync(0, 'utf8').trim()).toString('base64')
  writeFileSync(config, JSON.stringify({ auths: { [args.at(-1)]: { auth } } }))
}

if (args[0] === 'login') login()
else if (args[1] === 'version') console.log('github.com/docker/buildx v0.13.1')
else if (args[1] === 'inspect') console.log('Driver: docker-container')
else if (args[1] === 'build')
  build().catch(error => {
    console.log('ERROR: failed to push: ' + error.message)
    process.exitCode = 1
  })
`

/** Writes a command `docker` that pushes to the registry at this URL, whatever it is called; returns its directory. */
export async function writeDocker(url: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'standin-docker-'))
  const script = `#!${process.execPath}\nconst REGISTRY = ${JSON.stringify(url)}\n${SCRIPT}`
  await writeFile(join(directory, 'docker'), script, { mode: 0o755 })
  return directory
}
