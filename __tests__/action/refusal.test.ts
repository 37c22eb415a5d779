import { describe, expect, test } from '@jest/globals'
import { deploy, ecs, writes } from './harness.ts'
import { shop, WEB, WITH_PROXY } from './shop.ts'

describe('what does not exist', () => {
  test.concurrent.each([
    [
      'cluster',
      { ...WEB, cluster: 'prd' },
      'cluster-not-found',
      ["cluster 'prd'", 'eu-west-1'],
      "did you mean 'prod'?"
    ],
    [
      'service',
      { ...WEB, service: 'wbe' },
      'service-not-found',
      ["service 'wbe'", "cluster 'prod'", 'eu-west-1'],
      "did you mean 'web'?"
    ],
    ['default cluster', { service: 'web' }, 'cluster-not-found', ["cluster 'default'"], 'clusters in eu-west-1: prod'],
    [
      'repository',
      { ...WEB, repository: 'shop' },
      'repository-not-found',
      ["repository 'shop'", 'eu-west-1'],
      'has: web'
    ],
    [
      'task definition',
      { ...WEB, 'task-definition': 'wbe:7' },
      'task-definition-not-found',
      ["'wbe:7'"],
      'check the family'
    ],
    ['container', { ...WEB, 'container-name': 'wbe' }, 'container-not-found', ["'wbe'"], "'web'"]
  ])('%s is named in one sentence, with what there is', async (_, inputs, code, named, remedy) => {
    const run = await deploy(shop(), inputs)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': code, changed: 'false' } })
    for (const part of named) expect(run.outputs['reason']).toContain(part)
    expect(run.outputs['reason']).not.toContain('\n')
    expect(run.annotations).toMatchObject([{ level: 'error', message: expect.stringContaining(remedy) }])
    expect(writes(run)).toEqual([])
    expect(run.summary).toContain('rejected')
  })

  test.concurrent('in this region is looked for in this region', async () => {
    const run = await deploy(shop(), WEB, { env: { AWS_REGION: 'us-east-1' } })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'cluster-not-found' })
    expect(run.outputs['reason']).toContain("cluster 'prod' in us-east-1")
  })

  test.concurrent('as an endpoint ends the run soon, and says which region was meant', async () => {
    const run = await deploy(shop(), WEB, { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_REGION: 'eu-wset-1' } })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'network' } })
    expect(run.annotations[0]?.message).toContain('eu-wset-1')
  })
})

describe('what takes no deployments', () => {
  test.concurrent('is a service that is gone', async () => {
    const run = await deploy(shop({ service: { desiredCount: 0 } }), WEB, {
      before: simulator => ecs(simulator, 'DeleteService', WEB)
    })
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'service-inactive' })
    expect(run.outputs['reason']).toContain("service 'web'")
    expect(writes(run)).toEqual([])
  })

  test.concurrent.each(['CODE_DEPLOY', 'EXTERNAL'] as const)('is a service of %s', async deploymentController => {
    const run = await deploy(shop({ service: { deploymentController } }), WEB)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'unsupported-controller' })
    expect(run.outputs['reason']).toContain(deploymentController)
    expect(writes(run)).toEqual([])
  })
})

describe('a container that is not said', () => {
  const proxies = [{ name: 'proxy', imageTagMutability: 'IMMUTABLE', images: [{ tags: ['1.0.0'] }] }] as const

  test.concurrent('is the one that already uses the repository', async () => {
    const world = shop({ service: { taskDefinition: WITH_PROXY }, repositories: proxies })
    const run = await deploy(world, { ...WEB, repository: 'web', 'dry-run': 'true' })
    expect(run.outputs['outcome']).toBe('planned')
    expect(run.text).toContain('web.image: ')
  })

  test.concurrent('is asked for when several could be meant', async () => {
    const world = shop({ service: { taskDefinition: WITH_PROXY }, repositories: proxies })
    const run = await deploy(world, WEB)
    expect(run.outputs).toMatchObject({ outcome: 'rejected', 'reason-code': 'container-not-found' })
    expect(run.annotations[0]?.message).toContain('proxy')
  })
})

describe('inputs', () => {
  test.concurrent('that are wrong are reported all together, before any call', async () => {
    const wrong = {
      mode: 'deplyo',
      cluster: 'pr od',
      service: 'a/b/c',
      image: 'Web:1:2',
      repository: 'UPPER',
      version: 'one',
      'sha-length': '3',
      sha: 'abc',
      tags: 'ok, not ok',
      pin: 'both',
      'container-name': 'a=',
      'environment-variables': 'no value',
      secrets: '=x',
      cpu: 'much',
      memory: 'more',
      'mutable-tags': 'sometimes',
      'wait-for-minutes': '0',
      'poll-seconds': 'soon',
      'circuit-breaker': 'on',
      'auto-scaling': 'stop',
      'require-proof': 'yes',
      'desired-count': '-1',
      'max-retries': '1.5',
      'dry-run': '1'
    }
    const run = await deploy(shop(), wrong)
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'invalid', 'reason-code': 'invalid-input' } })
    expect(run.calls).toEqual([])
    for (const name of Object.keys(wrong)) expect(run.outputs['reason']).toContain(name)
    expect(run.annotations).toHaveLength(1)
  })

  test.concurrent.each([
    ['a file that is not there', { 'task-definition': 'no/such.json' }, 'no/such.json'],
    ['a file that is no task definition', { 'task-definition': 'list.json' }, 'list.json'],
    ['a file that is no JSON', { 'task-definition': 'broken.json' }, 'broken.json'],
    ['a file outside the workspace', { 'task-definition': '../../etc/passwd' }, 'passwd']
  ])('with %s are invalid before any call', async (_, inputs, named) => {
    const files = { 'list.json': '[1, 2]', 'broken.json': '{"family": ' }
    const run = await deploy(shop(), { ...WEB, ...inputs }, { files })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'invalid' } })
    expect(run.outputs['reason']).toContain(named)
    expect(run.calls).toEqual([])
  })

  test.concurrent.each([
    ['region', { AWS_REGION: '' }, 'AWS_REGION'],
    ['region that is one', { AWS_REGION: 'Ireland' }, 'Ireland']
  ])('without a %s are invalid before any call', async (_, env, named) => {
    const run = await deploy(shop(), WEB, { env })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'invalid' } })
    expect(run.outputs['reason']).toContain(named)
    expect(run.calls).toEqual([])
  })

  test.concurrent('without credentials say which step is missing', async () => {
    const run = await deploy(shop(), WEB, { env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } })
    expect(run).toMatchObject({ exitCode: 1, outputs: { outcome: 'rejected', 'reason-code': 'credentials' } })
    expect(run.annotations[0]?.message).toContain('aws-actions/configure-aws-credentials')
  })
})
