import { previousRevision, successBefore } from '../decide/service/previous.ts'
import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import { Failure } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'

/**
 * ARN of the revision to go back to from a deployment: the newest that completed before it, by the service itself or by
 * its service deployments; where neither shows one, what the service was set to. What cannot be read shows none.
 */
export async function findPrevious(
  ecs: EcsPort,
  { cluster, before, deploymentId }: { cluster: string; before: ServiceSnapshot; deploymentId: string }
): Promise<string> {
  const listed = previousRevision(before, deploymentId)
  if (listed !== undefined) return listed
  try {
    const deployments = await ecs.polling().listServiceDeployments(cluster, before.name)
    const success = successBefore(deploymentId, deployments)
    const revision = success && (await ecs.taskDefinitionOf(success.targetServiceRevisionArn))
    return revision ?? before.taskDefinitionArn
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return before.taskDefinitionArn
  }
}
