import { IMAGE } from './tasks.ts'

/** A target group, as events name it. */
export const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web-tg/0123456789abcdef'

/** What the service's events say when no task can be seen, and what a user reads. */
export const EVENTS: readonly (readonly [message: string, sentence: string, code: string, heals: string])[] = [
  [
    `(service web) was unable to place a task. Reason: CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref ${IMAGE}: not found.`,
    `the image ${IMAGE} is not in the registry`,
    'image-not-found',
    'no'
  ],
  [
    '(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.',
    'AWS has no capacity left for the task at this time',
    'capacity-unavailable',
    'maybe'
  ],
  [
    "(service web) was unable to place a task. Reason: You've reached the limit on the number of tasks you can run concurrently",
    "the account's limit of tasks running at once is reached",
    'account-limit',
    'maybe'
  ],
  [
    '(service web) was unable to place a task. Reason: You\u2019ve reached the limit on the number of vCPUs you can run concurrently',
    "the account's limit of vCPUs running at once is reached",
    'account-limit',
    'maybe'
  ],
  [
    '(service web) was unable to place a task. Reason: The requested MEMORY configuration is above your limit.',
    'the task asks for more memory than the account may use',
    'account-limit',
    'no'
  ],
  [
    '(service web) was unable to place a task. Reason: Internal error.',
    'ECS failed to run the task and gives no reason but an internal error',
    'infrastructure',
    'maybe'
  ],
  [
    '(service web) was unable to place a task. Reason: Nobody knows.',
    'a task could not be started: Nobody knows',
    'task-failed-to-start',
    'maybe'
  ],
  [
    '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 0123 has insufficient CPU units available.',
    'no container instance has room for the task (the closest has too little CPU)',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 0123 is already using a port required by your task.',
    'every container instance already uses a port that the task needs',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching container-instance 0123 encountered error "AGENT".',
    'the agent of the container instance 0123 is not connected',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '(service web) was unable to place a task because your account is currently blocked.',
    'AWS has blocked this account from starting tasks',
    'account-blocked',
    'maybe'
  ],
  [
    '(service web) was unable to reach steady state. Reason: No Container Instances were found in your capacity provider.',
    'the cluster has no container instance',
    'capacity-unavailable',
    'maybe'
  ],
  [
    '(service web) was unable to place tasks in your cluster because the tasks provisioning capacity limit was exceeded.',
    'the cluster has too many tasks waiting for capacity',
    'capacity-unavailable',
    'maybe'
  ],
  [
    "(service web) failed to launch a task with (error ECS was unable to assume the role 'arn:aws:iam::123456789012:role/web' that was provided for this task.)",
    'ECS cannot assume the role web',
    'role-not-assumable',
    'no'
  ],
  [
    'IAM permissions policies have been misconfigured or changed, and ECS can no longer maintain your service',
    'ECS may not act for this service any more: its own role was changed',
    'role-not-assumable',
    'no'
  ],
  [
    '(service web) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
    'the percentages of the service allow neither to start nor to stop a task',
    'deployment-deadlock',
    'maybe'
  ],
  [
    '(service web) operations are being throttled. Will try again later.',
    'AWS throttles what ECS does for this service',
    'throttled',
    'yes'
  ],
  [
    '(service web) was unable to reach steady state because (taskSet ecs-svc/1) was unable to scale in due to (reason 2 tasks under protection)',
    '2 tasks under protection cannot be stopped',
    'task-protection',
    'maybe'
  ],
  [
    '(service web) (deployment ecs-svc/2) deployment failed: alarm detected.',
    'a CloudWatch alarm of the service went off',
    'alarm-triggered',
    'no'
  ],
  [
    `(service web) (instance i-0123) (port 32768) is unhealthy in (target-group ${TARGET_GROUP}) due to (reason Health checks failed)`,
    "the load balancer's health check of web-tg failed (Health checks failed)",
    'failed-health-check',
    'maybe'
  ],
  [
    '(service web) (deployment ecs-svc/2) deployment failed: Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed.',
    'the lifecycle hook of the stage PRE_SCALE_UP failed',
    'lifecycle-hook-failed',
    'no'
  ],
  [
    '(service web) (deployment ecs-svc/2) deployment failed: Service deployment rolled back because POST_SCALE_UP lifecycle hook(s) timed out.',
    'the lifecycle hook of the stage POST_SCALE_UP did not answer in time',
    'lifecycle-hook-failed',
    'no'
  ],
  [
    `(service web) task set (ecs-svc/2) is not healthy in target-group (${TARGET_GROUP}) due to TARGET GROUP IS NOT FOUND`,
    'the target group web-tg does not exist',
    'target-group-missing',
    'no'
  ],
  [
    `(service web) task set (ecs-svc/2) is not healthy in target-group (${TARGET_GROUP}) due to TARGET IS NOT FOUND`,
    "the load balancer's health check of web-tg failed (TARGET IS NOT FOUND)",
    'failed-health-check',
    'maybe'
  ]
]
