import { ecrCommand, type RepositoryPlace } from './ecr-command.ts'

/** The AWS CLI's command that takes an image out of the archive; `image` is `imageTag=…` or `imageDigest=…`. */
export function restoreCommand(place: RepositoryPlace, image: string): string {
  return `${ecrCommand('update-image-storage-class', place)} --image-id ${image} --target-storage-class STANDARD`
}

/** What to do about an image in the archive storage class, https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html */
export const RESTORE_IMAGE =
  'restore it first (aws ecr update-image-storage-class --target-storage-class STANDARD), or name another one'
