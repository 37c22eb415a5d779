import type { JsonObject } from '../decide/json.ts'
import { readRedactions, redactor } from '../decide/service/diagnosis/redaction.ts'
import type { ServiceDeploymentSnapshot } from '../decide/service/snapshot.ts'
import type { EcsPort, EcsReads } from '../io/aws/ecs.ts'

/**
 * A port through which nothing that ECS says of a service or its deployments shows a value of the environment variables in
 * these task definitions: hidden before anything is cut, for a part of a value is found by nobody.
 */
export function hideValues(ecs: EcsPort, taskDefinitions: readonly JsonObject[]): EcsPort {
  const hide = redactor(taskDefinitions.flatMap(readRedactions).filter(({ isWord }) => !isWord))
  const hideIn = (text: string | undefined): string | undefined => text && hide(text)
  const hideInDeployment = (deployment: ServiceDeploymentSnapshot): ServiceDeploymentSnapshot => {
    const { statusReason, rollback } = deployment
    return {
      ...deployment,
      statusReason: hideIn(statusReason),
      rollback: rollback && { ...rollback, reason: hideIn(rollback.reason) }
    }
  }
  const through = (reads: EcsReads) => ({
    async describeService(cluster: string, service: string) {
      const found = await reads.describeService(cluster, service)
      if (typeof found === 'string') return found
      const events = found.events.map(event => ({ ...event, message: hide(event.message) }))
      const deployments = found.deployments.map(deployment => ({
        ...deployment,
        rolloutStateReason: hideIn(deployment.rolloutStateReason)
      }))
      return { ...found, events, deployments }
    },
    async describeServiceDeployment(arn: string) {
      const found = await reads.describeServiceDeployment(arn)
      return found && hideInDeployment(found)
    },
    async listServiceDeployments(cluster: string, service: string) {
      return (await reads.listServiceDeployments(cluster, service)).map(hideInDeployment)
    }
  })
  return {
    ...ecs,
    ...through(ecs),
    polling() {
      const reads = ecs.polling()
      return { ...reads, ...through(reads) }
    }
  }
}
