import { splitImage } from '../task/image.ts'
import { ecrCommand, placeByUri, type RepositoryPlace } from './ecr-command.ts'

/**
 * The AWS CLI's command that takes an image out of the archive, https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html.
 * `image` is `imageTag=…` or `imageDigest=…`.
 */
export function restoreCommand(place: RepositoryPlace, image: string): string {
  return `${ecrCommand('update-image-storage-class', place)} --image-id ${image} --target-storage-class STANDARD`
}

/** What to do about an archived image, by its full reference. */
export function restoreNamed(image: string): string {
  const { repository: uri, tag = 'latest', digest } = splitImage(image)
  const place = placeByUri({ name: uri.slice(uri.indexOf('/') + 1), uri })
  const command = restoreCommand(place, digest === undefined ? `imageTag=${tag}` : `imageDigest=${digest}`)
  return `restore it first (${command}), or name another one`
}
