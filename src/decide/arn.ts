/** What ends an ARN, e.g. `family:revision` or the id of a task; a text without a slash is kept as it is. */
export function shortArn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}
