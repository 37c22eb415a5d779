/** Makes the ARNs of one account and region. */
export interface Arns {
  readonly account: string
  readonly region: string
}

function partition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  if (region.startsWith('eusc-')) return 'aws-eusc'
  return 'aws'
}

/** The ARN of an ECS resource, e.g. `ecsArn(arns, 'cluster', 'main')`. */
export function ecsArn(arns: Arns, ...path: readonly string[]): string {
  return `arn:${partition(arns.region)}:ecs:${arns.region}:${arns.account}:${path.join('/')}`
}

/** The ARN of an IAM resource, e.g. `role/name`. */
export function iamArn(arns: Arns, resource: string): string {
  return `arn:${partition(arns.region)}:iam::${arns.account}:${resource}`
}

/** The ARN of a load balancer's target group. */
export function targetGroupArn(arns: Arns, name: string, id: string): string {
  return `arn:${partition(arns.region)}:elasticloadbalancing:${arns.region}:${arns.account}:targetgroup/${name}/${id}`
}

/** The ARN of a rule of an application load balancer's listener, by the ids of balancer, listener and rule. */
export function listenerRuleArn(arns: Arns, name: string, ...ids: readonly string[]): string {
  const resource = `listener-rule/app/${name}/${ids.join('/')}`
  return `arn:${partition(arns.region)}:elasticloadbalancing:${arns.region}:${arns.account}:${resource}`
}

/** The ARN of a scalable target. */
export function scalableTargetArn(arns: Arns, id: string): string {
  return `arn:${partition(arns.region)}:application-autoscaling:${arns.region}:${arns.account}:scalable-target/${id}`
}

/** The last segment of an ARN or a plain name. */
export function lastSegment(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}
