import type { CatalogueRow } from './tasks.ts'

const RIE = 'ResourceInitializationError: '
const PULL_SECRETS = `${RIE}unable to pull secrets or registry auth: `
const FROM_ASM = `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf from secrets manager: operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, RequestID: 1, `

const CORRECT_IT = 'correct valueFrom in the task definition, or create it in the region of the task'

/** Secrets, logs, volumes, roles: what AWS writes, and what a user reads. The numbers are the kinds of failures that ECS has. */
export const RESOURCE_REASONS: readonly CatalogueRow[] = [
  [
    '9: the role may not read the secret',
    `${FROM_ASM}api error AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/x is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf because no identity-based policy allows the secretsmanager:GetSecretValue action`,
    'the execution role exec may not read the secret prod/db-AbCdEf',
    'secret-unavailable',
    'no',
    'allow secretsmanager:GetSecretValue on it in the policy of the execution role, and kms:Decrypt if a key of your own encrypts it'
  ],
  [
    '9: the role may not read the parameter',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secrets from ssm: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/x is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/prod/key because no identity-based policy allows the ssm:GetParameters action`,
    'the execution role exec may not read the parameter /prod/key',
    'secret-unavailable',
    'no',
    'allow ssm:GetParameters on it in the policy of the execution role, and kms:Decrypt if a key of your own encrypts it'
  ],
  [
    '9: the role may not use the key',
    `${FROM_ASM}api error AccessDeniedException: Access to KMS is not allowed`,
    'the execution role may not decrypt the secret prod/db-AbCdEf',
    'secret-unavailable',
    'no',
    'allow kms:Decrypt on the key of the secret, in the policy of the execution role and in that of the key'
  ],
  [
    '9: the role may not decrypt with the key',
    `${FROM_ASM}api error AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/x is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:123456789012:key/1 because no identity-based policy allows the kms:Decrypt action`,
    'the execution role exec may not decrypt the secret prod/db-AbCdEf',
    'secret-unavailable',
    'no',
    'allow kms:Decrypt on the key of the secret, in the policy of the execution role and in that of the key'
  ],
  [
    '9: the read was throttled',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secrets from ssm: operation error SSM: GetParameters, https response error StatusCode: 400, RequestID: 1, api error ThrottlingException: Rate exceeded`,
    'AWS throttled GetParameters while the task started',
    'throttled',
    'maybe',
    'start fewer tasks at once (a lower maximumPercent), or raise the quota of that call'
  ],
  [
    '10: no such secret',
    `${FROM_ASM}ResourceNotFoundException: Secrets Manager can\u2019t find the specified secret.`,
    'the secret prod/db-AbCdEf does not exist',
    'secret-unavailable',
    'no',
    CORRECT_IT
  ],
  [
    '10: no such secret, in the newer words',
    "ResourceInitializationError: The task can't retrieve the secret with ARN 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf' from AWS Secrets Manager. Check whether the secret exists in the specified Region.",
    'the secret db-AbCdEf does not exist',
    'secret-unavailable',
    'no',
    CORRECT_IT
  ],
  [
    '10: no such parameter',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /prod/key`,
    'the parameter /prod/key does not exist',
    'secret-unavailable',
    'no',
    CORRECT_IT
  ],
  [
    '10: the secret is being deleted',
    `${FROM_ASM}InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.`,
    'the secret prod/db-AbCdEf is marked for deletion',
    'secret-unavailable',
    'no',
    'restore the secret, or point valueFrom to another one'
  ],
  [
    '11: no such key',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key PASSWORD`,
    'a secret has no JSON key PASSWORD',
    'secret-unavailable',
    'no',
    'add the key to the secret, or correct the key at the end of valueFrom'
  ],
  [
    '11: the secret is no JSON',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secret from asm: invalid character 'p' in literal true (expecting 'r')`,
    'a secret is not the JSON that valueFrom expects',
    'secret-unavailable',
    'no',
    'store valid JSON in the secret, or leave the key out of valueFrom'
  ],
  [
    '11: the read failed, and nothing says why',
    `${FROM_ASM}api error InternalServiceError: An error occurred on the server side.`,
    'the secret prod/db-AbCdEf could not be read: InternalServiceError: An error occurred on the server side',
    'secret-unavailable',
    'maybe',
    'check valueFrom, and that the execution role may read it and the subnets reach the service'
  ],
  [
    '12: no route to Secrets Manager',
    `${PULL_SECRETS}execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadline exceeded. Please check your task network configuration.`,
    'the task cannot reach Secrets Manager',
    'network-unreachable',
    'maybe',
    'give the subnets a way out (NAT gateway, assignPublicIp in a public subnet, or a VPC endpoint for secretsmanager) and allow outgoing port 443 in the security group'
  ],
  [
    '12: no route to Parameter Store',
    `${PULL_SECRETS}unable to retrieve secrets from ssm: The task cannot pull secrets from AWS Systems Manager. There is a connection issue between the task and AWS Systems Manager Parameter Store. Check your task network configuration. operation error SSM: GetParameters, https response error StatusCode: 0, RequestID: , canceled, context deadline exceeded`,
    'the task cannot reach SSM Parameter Store',
    'network-unreachable',
    'maybe',
    'give the subnets a way out (NAT gateway, assignPublicIp in a public subnet, or a VPC endpoint for ssm) and allow outgoing port 443 in the security group'
  ],
  [
    '13: no log group',
    `${RIE}failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.`,
    'the log group /ecs/web does not exist',
    'log-group-missing',
    'no',
    'create the log group, or set awslogs-create-group and allow logs:CreateLogGroup to the execution role'
  ],
  [
    '13: the role may not log',
    `${RIE}failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/exec/x is not authorized to perform: logs:CreateLogStream on resource: arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web`,
    'the execution role exec may not call logs:CreateLogStream',
    'log-configuration',
    'no',
    'allow logs:CreateLogStream and logs:PutLogEvents (logs:CreateLogGroup for awslogs-create-group) to the role'
  ],
  [
    '14: no route to CloudWatch',
    `${RIE}failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. signal: killed`,
    'the task cannot reach CloudWatch Logs',
    'network-unreachable',
    'maybe',
    'give the subnets a way out (NAT gateway, assignPublicIp in a public subnet, or a VPC endpoint for logs) and allow outgoing port 443 in the security group'
  ],
  [
    '14: the driver lacks an option',
    `${RIE}unable to get awslogs driver arguments: awslogs-region is required`,
    `the log configuration is wrong: unable to get awslogs driver arguments: awslogs-region is required`,
    'log-configuration',
    'no',
    'correct logConfiguration in the task definition'
  ],
  [
    '14: CloudWatch does not answer',
    `${RIE}failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: InternalFailure`,
    'the log configuration does not work: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: InternalFailure',
    'log-configuration',
    'maybe',
    'check logConfiguration in the task definition against what the message names'
  ],
  [
    '15: EFS',
    `${RIE}failed to invoke EFS utils commands to set up EFS volumes: stderr: mount.nfs4: Connection timed out : unsuccessful EFS utils command execution; code: 32 for fs-0123abcd`,
    'the EFS volume fs-0123abcd could not be mounted',
    'volume-unavailable',
    'maybe',
    'allow port 2049 from the task to a mount target in its zone, and the task role if the volume asks for IAM'
  ],
  [
    '16: the role',
    "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/web-task' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.",
    'ECS cannot assume the role web-task',
    'role-not-assumable',
    'no',
    'let ecs-tasks.amazonaws.com assume the role in its trust policy, and check that the role exists'
  ]
]
