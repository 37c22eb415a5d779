import type { World } from '../../simulator/cloud/world.ts'
import { createSimulator, type SimulatorState } from '../../simulator/simulator.ts'
import { digestOf, REGISTRY, shop, WEB } from '../action/shop.ts'
import type { Ends, Scene } from './scene.ts'

/** What holds of a world before anybody comes. */
function stateOf(world: World): SimulatorState {
  const simulator = createSimulator({ world, clock: 'manual' })
  try {
    return simulator.state()
  } finally {
    simulator.close()
  }
}

const HOST = 'registry.example.com'
const THERE: World = {
  account: '999999999999',
  repositories: [{ name: 'library/nginx', images: [{ tags: ['1.27.3'], platforms: ['linux/amd64', 'linux/arm64'] }] }]
}
const NGINX = digestOf(stateOf(THERE), 'library/nginx', '1.27.3')
const ELSEWHERE = { host: HOST, world: THERE }

const TARGETS = shop({
  repositories: [
    { name: 'mirror/nginx', imageTagMutability: 'IMMUTABLE' },
    { name: 'mirror/web', imageTagMutability: 'MUTABLE' }
  ]
})
/** One image of several platforms from elsewhere, and one from another repository of ours. */
const BOTH = {
  mode: 'mirror',
  mirror: `${HOST}/library/nginx:1.27.3 -> mirror/nginx:1.27.3\n${REGISTRY}/web:main-1111111 -> mirror/web:1.0.0`
}
const COPIED: Ends = {
  first: 'succeeded',
  again: ['succeeded', 'unchanged'],
  tags: { 'mirror/nginx:1.27.3': 'elsewhere', 'mirror/web:1.0.0': 'web:main-1111111' }
}
/** The first of two lines is copied, and the other finds its tag on another image, which stays where it is. */
const TAKEN = shop({
  repositories: [
    { name: 'mirror/nginx', imageTagMutability: 'MUTABLE' },
    { name: 'mirror/web', imageTagMutability: 'MUTABLE', images: [{ tags: ['1.0.0'], labels: { other: 'yes' } }] }
  ]
})

/** Jobs of mode `mirror`. */
const MIRRORS: readonly Scene[] = [
  { name: 'mirror', world: TARGETS, elsewhere: ELSEWHERE, inputs: BOTH, commit: 2, ends: COPIED },
  {
    name: 'mirror what was half there',
    world: TARGETS,
    elsewhere: ELSEWHERE,
    inputs: BOTH,
    earlier: { killedAfter: 'registry:PUT manifests' },
    commit: 2,
    ends: COPIED
  },
  {
    name: 'mirror what is there',
    world: TARGETS,
    elsewhere: ELSEWHERE,
    inputs: BOTH,
    earlier: {},
    commit: 2,
    ends: { ...COPIED, first: 'unchanged', again: ['unchanged'] }
  },
  {
    name: 'mirror by digest into repositories that are not there yet',
    world: shop(),
    elsewhere: ELSEWHERE,
    inputs: {
      mode: 'mirror',
      mirror: `${HOST}/library/nginx@${NGINX} -> mirror/nginx:1.27.3`,
      'create-repository': 'true'
    },
    commit: 2,
    ends: { ...COPIED, tags: { 'mirror/nginx:1.27.3': 'elsewhere' } }
  },
  {
    name: 'mirror to a tag that is taken',
    world: TAKEN,
    elsewhere: ELSEWHERE,
    inputs: BOTH,
    commit: 2,
    ends: { first: 'failed', again: ['failed', 'rejected'], tags: { 'mirror/nginx:1.27.3': 'elsewhere' } }
  },
  {
    name: 'mirror that is only planned',
    world: TARGETS,
    elsewhere: ELSEWHERE,
    inputs: { ...BOTH, 'dry-run': 'true' },
    commit: 2,
    ends: { first: 'planned', again: ['planned'], tags: {} }
  }
]

const VERSIONS = shop({
  images: [{ tags: ['1.4.2'] }, { tags: ['1.9.0'] }, { tags: ['2.0.0'] }],
  repositories: [{ name: 'proxy', images: [{ tags: ['1.0.0'] }] }]
})
const COMPOSE = `services:
  web: { image: "${REGISTRY}/web:1.4.2" }
  proxy: { image: "${REGISTRY}/proxy:1.0.0" }
`
const TASK = `{ "family": "web", "containerDefinitions": [{ "name": "web", "image": "${REGISTRY}/web:1.4.2" }] }\n`
const HIGHEST = { version: 'highest', 'version-range': '^1', repository: 'web' }

/** A text whose images are named by tag and digest, `web` in this version. */
function pinned(text: string, state: SimulatorState, web = '1.4.2'): string {
  return text
    .replaceAll('web:1.4.2', `web:${web}@${digestOf(state, 'web', web)}`)
    .replaceAll('proxy:1.0.0', `proxy:1.0.0@${digestOf(state, 'proxy', '1.0.0')}`)
}

/** A job that only looks at a file, and leaves it as it is. */
function checking(what: string, inputs: Scene['inputs'], text: string, first: 'unchanged' | 'rejected'): Scene {
  const files = { 'compose.yaml': text }
  return {
    name: `pin, checking ${what}`,
    world: VERSIONS,
    inputs: { mode: 'pin', files: 'compose.yaml', check: 'true', ...inputs },
    commit: 2,
    files,
    ends: { first, again: [first], tags: {}, files: () => files }
  }
}

const EXACT = pinned(COMPOSE, stateOf(VERSIONS))
/** What the service of the shop runs, and what it does not. */
const RUNNING = pinned(COMPOSE, stateOf(VERSIONS), 'main-1111111')
const DIFFERING = pinned(COMPOSE, stateOf(VERSIONS), '2.0.0')

/** Jobs of mode `pin`. */
const PINS: readonly Scene[] = [
  {
    name: 'pin',
    world: VERSIONS,
    inputs: { mode: 'pin', files: 'compose.yaml' },
    commit: 2,
    files: { 'compose.yaml': COMPOSE },
    ends: {
      first: 'succeeded',
      again: ['succeeded', 'unchanged'],
      tags: {},
      files: state => ({ 'compose.yaml': pinned(COMPOSE, state) })
    }
  },
  {
    name: 'pin several files to the highest version',
    world: VERSIONS,
    inputs: { mode: 'pin', files: 'compose.yaml, task.json', ...HIGHEST },
    commit: 2,
    files: { 'compose.yaml': COMPOSE, 'task.json': TASK },
    ends: {
      first: 'succeeded',
      again: ['succeeded', 'unchanged'],
      tags: {},
      files: state => ({ 'compose.yaml': pinned(COMPOSE, state, '1.9.0'), 'task.json': pinned(TASK, state, '1.9.0') })
    }
  },
  checking('for the highest version', HIGHEST, EXACT, 'rejected'),
  checking('against the service', WEB, RUNNING, 'unchanged'),
  checking('against a service that differs', WEB, DIFFERING, 'rejected'),
  {
    name: 'pin that is only planned',
    world: VERSIONS,
    inputs: { mode: 'pin', files: 'compose.yaml', 'dry-run': 'true' },
    commit: 2,
    files: { 'compose.yaml': COMPOSE },
    ends: { first: 'planned', again: ['planned'], tags: {}, files: () => ({ 'compose.yaml': COMPOSE }) }
  }
]

/** Jobs of the modes that deploy nothing. */
export const WITHOUT_SERVICE: readonly Scene[] = [...MIRRORS, ...PINS]
