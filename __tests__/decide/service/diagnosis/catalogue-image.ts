import { IMAGE, type CatalogueRow } from './tasks.ts'

const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const DIGEST = `sha256:${'a'.repeat(64)}`
const RIE = 'ResourceInitializationError: '
const PULL_SECRETS = `${RIE}unable to pull secrets or registry auth: `

const PUSH_IT = 'push the image, or correct its name; when a lifecycle rule deleted it, build and deploy it again'
const MIRROR_IT = 'mirror the image into ECR, use an ECR pull-through cache, or give repositoryCredentials'
const WAY_OUT =
  'give the subnets a way out (NAT gateway, assignPublicIp in a public subnet, or endpoints for ecr.api, ecr.dkr and S3) and allow outgoing port 443 in the security group'
const ALLOW_PULL =
  'attach AmazonECSTaskExecutionRolePolicy to the execution role; for a repository of another account, allow it there too'

/** Failed pulls: what AWS writes, and what a user reads. The numbers are the kinds of failures that ECS has. */
export const IMAGE_REASONS: readonly CatalogueRow[] = [
  [
    '1: the tag is not there',
    `CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${REGISTRY}/web:gone: ${REGISTRY}/web:gone: not found`,
    `the image ${REGISTRY}/web:gone is not in the registry`,
    'image-not-found',
    'no',
    PUSH_IT
  ],
  [
    '1: the digest was deleted',
    `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${REGISTRY}/web:a@${DIGEST}: not found`,
    `the image ${REGISTRY}/web:a@${DIGEST} is not in the registry`,
    'image-not-found',
    'no',
    PUSH_IT
  ],
  [
    '1: the digest was deleted, as an HTTP status',
    `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${REGISTRY}/web:a@${DIGEST}: unexpected status from HEAD request to https://${REGISTRY}/v2/web/manifests/${DIGEST}: 403 Forbidden`,
    `the image ${REGISTRY}/web:a@${DIGEST} is not in the registry`,
    'image-not-found',
    'no',
    PUSH_IT
  ],
  [
    '1: as the Docker engine says it',
    'CannotPullContainerError: Error response from daemon: manifest for nginx:9 not found: manifest unknown: manifest unknown',
    'the image nginx:9 is not in the registry',
    'image-not-found',
    'no',
    PUSH_IT
  ],
  [
    '1: in the newer words',
    "CannotPullContainerError: The task can\u2019t pull the image 'repo/image' from Amazon Elastic Container Registry using the task execution role 'role'. To fix this, verify that the image URI is correct. Also check that the task execution role has the additional permissions to pull Amazon ECR images. Status Code: 404. Response: 'not found'",
    'the image repo/image is not in the registry',
    'image-not-found',
    'no',
    PUSH_IT
  ],
  [
    '1: cut off before the reason',
    `CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${REGISTRY}/web:go`,
    `the image ${REGISTRY}/web:go could not be pulled: failed to resolve ref ${REGISTRY}/web:go`,
    'task-failed-to-start',
    'maybe',
    'look at the whole message of the stopped task in the ECS console; Fargate cuts off long ones'
  ],
  [
    '1: only the end is left',
    `${REGISTRY}/web:gone: not found`,
    `the image ${IMAGE} is not in the registry`,
    'image-not-found',
    'no',
    PUSH_IT
  ],
  [
    '2: another platform',
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/arm64'",
    'the image has no linux/arm64 variant',
    'platform-mismatch',
    'no',
    'build the image for linux/arm64 too (input platforms), or set runtimePlatform in the task definition to what the image has'
  ],
  [
    '2: another platform, cut off at the front',
    "descriptor matching platform 'linux/amd64'",
    'the image has no linux/amd64 variant',
    'platform-mismatch',
    'no',
    'build the image for linux/amd64 too (input platforms), or set runtimePlatform in the task definition to what the image has'
  ],
  [
    '2: as the Docker engine says it',
    'CannotPullContainerError: no matching manifest for linux/arm64/v8 in the manifest list entries',
    'the image has no linux/arm64/v8 variant',
    'platform-mismatch',
    'no',
    'build the image for linux/arm64/v8 too (input platforms), or set runtimePlatform in the task definition to what the image has'
  ],
  [
    '3: a bare name is Docker Hub',
    'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/library/web:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed.',
    'the registry refused the pull of the image docker.io/library/web:1',
    'pull-denied',
    'no',
    'write the full URI of the image (a bare name means Docker Hub), or give repositoryCredentials'
  ],
  [
    '4: the rate limit of Docker Hub',
    'CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.',
    `the registry's pull rate limit stopped the pull of the image ${IMAGE}`,
    'pull-rate-limited',
    'maybe',
    MIRROR_IT
  ],
  [
    '4: the rate limit in short',
    'ERROR: toomanyrequests: Too Many Requests.',
    `the registry's pull rate limit stopped the pull of the image ${IMAGE}`,
    'pull-rate-limited',
    'maybe',
    MIRROR_IT
  ],
  [
    '5: no route to the registry',
    `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "${REGISTRY}/web:a": failed to do request: Head "https://${REGISTRY}/v2/web/manifests/a": dial tcp 10.0.3.17:443: i/o timeout`,
    `the task cannot reach ${REGISTRY}`,
    'network-unreachable',
    'maybe',
    WAY_OUT
  ],
  [
    '5: as the Docker engine says it',
    `CannotPullContainerError: API error (500): Get https://${REGISTRY}/v2/: net/http: request canceled while waiting for connection`,
    `the task cannot reach ${REGISTRY}`,
    'network-unreachable',
    'maybe',
    WAY_OUT
  ],
  [
    '5: context canceled',
    'CannotPullContainerError: context canceled',
    'the task cannot reach the registry',
    'network-unreachable',
    'maybe',
    WAY_OUT
  ],
  [
    '5: in the newer words',
    'The task cannot pull \u2018web\u2019 from the Amazon ECR repository \u2018uri\u2019. There is a connection issue between the task and Amazon ECR. Check your task network configuration.',
    'the task cannot reach the registry',
    'network-unreachable',
    'maybe',
    WAY_OUT
  ],
  [
    '6: the role may not pull, with a typographic apostrophe',
    'CannotPullContainerError: The task can\u2019t pull the image. Check that the role has the permissions to pull images from the registry.',
    `the registry refused the pull of the image ${IMAGE}`,
    'pull-denied',
    'no',
    ALLOW_PULL
  ],
  [
    '6: the role may not pull, with the action',
    `CannotPullContainerError: Check if image exists and role 'R' has permissions to pull images from Amazon ECR. Error response from daemon: pull access denied for ${REGISTRY}/web, repository does not exist or may require 'docker login': denied: User: arn:aws:sts::123456789012:assumed-role/R/x is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/web because no identity-based policy allows the ecr:BatchGetImage action`,
    `the execution role R may not call ecr:BatchGetImage to pull the image ${REGISTRY}/web`,
    'pull-denied',
    'no',
    ALLOW_PULL
  ],
  [
    '6: the role may not log in',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/R/x is not authorized to perform: ecr:GetAuthorizationToken on resource: *`,
    `the execution role R may not call ecr:GetAuthorizationToken to pull the image ${IMAGE}`,
    'pull-denied',
    'no',
    ALLOW_PULL
  ],
  [
    '7: no disk space',
    'CannotPullContainerError: write /var/lib/docker/tmp/GetImageBlob111111111: no space left on device',
    `there is no disk space left for the image ${IMAGE}`,
    'disk-full',
    'maybe',
    'raise ephemeralStorage in the task definition, or free the disk of the container instance'
  ],
  [
    '8: no route to ECR',
    `${PULL_SECRETS}The task cannot pull registry auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp 172.16.54.241:443: i/o timeout.`,
    'the task cannot reach api.ecr.eu-west-1.amazonaws.com',
    'network-unreachable',
    'maybe',
    WAY_OUT
  ],
  [
    '8: no route to ECR, in the older words',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post https://api.ecr.eu-west-1.amazonaws.com/: dial tcp 10.0.0.1:443: i/o timeout`,
    'the task cannot reach api.ecr.eu-west-1.amazonaws.com',
    'network-unreachable',
    'maybe',
    WAY_OUT
  ]
]
