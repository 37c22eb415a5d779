import type { MirroredImage, RunResult } from '../outcome.ts'
import { oneLine, sentencesOf } from './text.ts'

/** The outputs of a run by name; what is not known is empty. */
export function outputsOf(result: RunResult): readonly (readonly [name: string, value: string])[] {
  const own = {
    outcome: result.outcome,
    reason: sentencesOf(result.reason).join('\n'),
    'reason-code': result.reasonCode ?? '',
    image: result.image ?? '',
    'image-digest': result.imageDigest ?? '',
    'image-tags': JSON.stringify(result.imageTags ?? []),
    version: result.version ?? '',
    released: String(result.released ?? false),
    images: JSON.stringify((result.images ?? []).map(imageOf)),
    'task-definition-arn': result.taskDefinitionArn ?? '',
    'previous-task-definition-arn': result.previousTaskDefinitionArn ?? '',
    'task-definition': result.taskDefinitionPath ?? '',
    'deployment-id': result.deploymentId ?? '',
    'service-deployment-arn': result.serviceDeploymentArn ?? '',
    'console-url': result.consoleUrl ?? '',
    changed: String(result.changed ?? false)
  }
  const { images: _, ...perService } = own
  const { cluster = '', service, imageTags = [], released = false, changed = false } = result
  const typed = { ...perService, 'image-tags': imageTags, released, changed }
  const services = service === undefined ? [] : [{ cluster, service, ...typed }]
  return Object.entries({ ...own, services: JSON.stringify(services) })
}

/** A line of mode `mirror`, with members named as outputs are. */
function imageOf({ reasonCode, reason, ...image }: MirroredImage): object {
  return {
    ...image,
    ...(reason !== undefined && { reason: oneLine(reason) }),
    ...(reasonCode !== undefined && { 'reason-code': reasonCode })
  }
}
