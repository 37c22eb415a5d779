/** What to do about an image in the archive storage class, https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html */
export const RESTORE_IMAGE =
  'restore it first (aws ecr update-image-storage-class --target-storage-class STANDARD), or name another one'
