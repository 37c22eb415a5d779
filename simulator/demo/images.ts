import { type AssembledImage, assembleImage } from '../cloud/ecr/assemble.ts'
import { BEHAVIOUR_LABEL } from '../cloud/ecr/config.ts'
import { pushImage } from '../protocol/registry/push.ts'
import type { Commit } from './commits.ts'
import { buildWithDocker } from './docker.ts'
import type { Screen } from './screen.ts'
import { REGION, SERVICE } from './world.ts'

/** What Docker says of a failure can be a paragraph. */
const LONGEST_REASON = 160

/** Makes the image of a commit. */
export type MakeImage = (commit: Commit) => Promise<AssembledImage>

/** Docker if it is there and as long as it works, else the same files as a real OCI image without it. */
export function chooseImageMaker(isDockerThere: boolean, screen: Screen, signal: AbortSignal): MakeImage {
  let isDockerUsed = isDockerThere
  screen.line(
    isDockerUsed
      ? 'A Docker engine answers: it builds the images from examples/app.'
      : 'No Docker engine with buildx answers: the images are assembled from examples/app without one.'
  )
  return async commit => {
    if (isDockerUsed) {
      try {
        return await buildWithDocker(commit, signal)
      } catch (error) {
        signal.throwIfAborted()
        isDockerUsed = false
        screen.line(`Docker could not build it, so it is assembled without Docker: ${lastLine(error)}`)
      }
    }
    return assemble(commit)
  }
}

function assemble({ sha, files, behaviour }: Commit): AssembledImage {
  return assembleImage({
    files: Object.entries(files).map(([path, content]) => ({ path: `app/${path}`, content })),
    workingDirectory: '/app',
    command: ['node', 'server.mjs'],
    environment: { PORT: '8080' },
    ports: [8080],
    labels: {
      'org.opencontainers.image.revision': sha,
      ...(behaviour !== undefined && { [BEHAVIOUR_LABEL]: JSON.stringify(behaviour) })
    }
  })
}

/** Pushes an image as `docker push` does, with the credentials that ECR gives for it. */
export async function push(url: string, image: AssembledImage, tag: string): Promise<void> {
  await pushImage(url, `Basic ${await fetchToken(url)}`, SERVICE, image, { tag })
}

async function fetchToken(url: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
      // The simulator reads whom a signature is for and cannot check the rest: there are no secret keys here.
      authorization: `AWS4-HMAC-SHA256 Credential=demo/20260101/${REGION}/ecr/aws4_request, SignedHeaders=host, Signature=0`
    },
    body: '{}'
  })
  const answer = (await response.json()) as {
    readonly authorizationData?: readonly { readonly authorizationToken: string }[]
  }
  const token = answer.authorizationData?.[0]?.authorizationToken
  if (token === undefined) throw new Error(`GetAuthorizationToken answered ${String(response.status)}`)
  return token
}

function lastLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return (text.trim().split('\n').at(-1) ?? text).slice(0, LONGEST_REASON)
}
