import type { World } from '../cloud/world.ts'

/** Where everything of the demo is: one service, its cluster and its image repository. */
export const REGION = 'eu-west-1'
/** The cluster. */
export const CLUSTER = 'prod'
/** The service, its container and its repository. */
export const SERVICE = 'web'

/** A service that has been running an older image for a day, auto scaled and behind a load balancer. */
export const WORLD: World = {
  account: '123456789012',
  region: REGION,
  repositories: [
    { name: SERVICE, imageTagMutability: 'IMMUTABLE', images: [{ tags: ['main-0c0ffee'], behaviour: 'healthy' }] }
  ],
  clusters: [
    {
      name: CLUSTER,
      services: [{ name: SERVICE, desiredCount: 2, image: `${SERVICE}:main-0c0ffee`, loadBalanced: true }]
    }
  ],
  scalableTargets: [{ cluster: CLUSTER, service: SERVICE, min: 2, max: 6 }]
}
