import { shop, WEB } from '../action/shop.ts'
import type { Ends, Scene } from './scene.ts'

const BUILD = { ...WEB, 'poll-seconds': '45', context: '.', repository: 'web' }

const BUILT: Ends = {
  first: 'succeeded',
  again: ['succeeded', 'unchanged'],
  tags: { 'web:main-4444444': 'built' },
  runs: 'new',
  image: 'built'
}

/** Jobs that build, each time another image, as most builds do. */
export const BUILDS: readonly Scene[] = [
  { name: 'a build', world: shop(), inputs: BUILD, commit: 4, engine: 'digest', ends: BUILT },
  {
    name: 'a build whose tags could move',
    world: shop({ mutability: 'MUTABLE' }),
    inputs: { ...BUILD, version: '1.4.2', tags: 'candidate-7', 'marker-tag': 'prod-current', scan: 'wait' },
    commit: 4,
    engine: 'digest',
    ends: {
      ...BUILT,
      tags: { 'web:main-4444444': 'built', 'web:1.4.2': 'built', 'web:candidate-7': 'built' },
      markers: { 'web:prod-current': 'built' }
    }
  },
  {
    name: 'a build by an engine that pushes under a tag',
    world: shop(),
    inputs: BUILD,
    commit: 4,
    engine: 'tag',
    ends: BUILT
  },
  {
    name: 'a build into a repository that is not there yet',
    world: shop({ repositories: [] }),
    inputs: { ...BUILD, repository: 'shop/web', 'container-name': 'web', 'create-repository': 'true' },
    commit: 4,
    engine: 'digest',
    ends: { ...BUILT, tags: { 'shop/web:main-4444444': 'built' } }
  },
  {
    name: 'a build for no service',
    world: shop(),
    inputs: { context: '.', repository: 'web', 'task-definition': 'web' },
    commit: 4,
    engine: 'digest',
    ends: { ...BUILT, first: 'registered', again: ['registered'], runs: 'old' }
  },
  {
    name: 'a build that is only planned',
    world: shop(),
    inputs: { ...BUILD, 'dry-run': 'true' },
    commit: 4,
    engine: 'digest',
    ends: { first: 'planned', again: ['planned'], tags: {}, runs: 'old' }
  }
]
