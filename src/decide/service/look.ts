/** The command that shows the deployments of a service, newest first, and how each of them stands. */
export function lookAtDeployments(region: string, cluster: string, service: string): string {
  return `aws ecs list-service-deployments --region ${region} --cluster ${cluster} --service ${service}`
}
