import type { World } from '../../../simulator/cloud/world.ts'

/** One service behind auto scaling, with an image to go on with, and an empty repository for pushes. */
export const SHOP: World = {
  account: '123456789012',
  region: 'eu-central-1',
  repositories: [
    {
      name: 'shop/web',
      imageTagMutability: 'IMMUTABLE',
      images: [{ tags: ['main-1111111'] }, { tags: ['main-2222222'] }]
    },
    { name: 'shop/pushed', imageTagMutability: 'IMMUTABLE' },
    { name: 'shop/loose', imageTagMutability: 'MUTABLE' }
  ],
  clusters: [{ name: 'shop', services: [{ name: 'web', desiredCount: 2, image: 'shop/web:main-1111111' }] }],
  scalableTargets: [{ cluster: 'shop', service: 'web', min: 1, max: 4 }]
}
