/**
 * Host and port that the environment sends the calls of ECR to in place of AWS's own, e.g. those of a simulator; undefined
 * as a rule. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function endpointHostOf(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const text = environment['AWS_ENDPOINT_URL_ECR'] ?? environment['AWS_ENDPOINT_URL'] ?? ''
  return URL.canParse(text) ? new URL(text).host : undefined
}
