import { boundsOf, type Bounds } from './bounds.ts'
import type { Service } from './model.ts'
import { currentServiceDeployment } from './revisions.ts'

/** How many tasks must stay healthy and may be up now; one that shifts traffic has both revisions up in full. */
export function limitsOf(service: Service): Bounds {
  const { configuration, desiredCount } = service
  if (currentServiceDeployment(service)?.shift === undefined) return boundsOf(configuration, desiredCount)
  return { minimum: desiredCount, maximum: 2 * desiredCount }
}
