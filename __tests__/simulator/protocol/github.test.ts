import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { getOctokit } from '@actions/github'
import { startSimulator, type RunningSimulator } from '../../../simulator/server.ts'

const REPOSITORY = { owner: 'octo', repo: 'app' }
const FIRST = '1'.repeat(40)
const SECOND = '2'.repeat(40)
const THIRD = '3'.repeat(40)
const ASIDE = '4'.repeat(40)

let running: RunningSimulator
let octokit: ReturnType<typeof getOctokit>

beforeAll(async () => {
  running = await startSimulator({
    clock: 'manual',
    world: {
      github: {
        repositories: [
          {
            name: 'octo/app',
            commits: [
              { sha: FIRST },
              { sha: SECOND, parents: [FIRST], message: 'feat: second' },
              { sha: THIRD, parents: [SECOND] },
              { sha: ASIDE, parents: [FIRST] }
            ],
            branches: { main: THIRD, 'feature/x': ASIDE },
            issues: [7]
          }
        ]
      }
    }
  })
  octokit = getOctokit('token', { baseUrl: `${running.url}/api/v3` })
})

afterAll(() => running.close())

describe('deployments', () => {
  test('are created, listed and told how they went', async () => {
    const created = await octokit.rest.repos.createDeployment({
      ...REPOSITORY,
      ref: 'main',
      environment: 'production',
      payload: { service: 'web' }
    })
    expect(created.status).toBe(201)
    const { data } = created
    if (!('id' in data)) throw new Error('no deployment was created')
    expect(data).toMatchObject({ sha: THIRD, ref: 'main', environment: 'production', payload: { service: 'web' } })
    const deployment = { ...REPOSITORY, deployment_id: data.id }
    await octokit.rest.repos.createDeploymentStatus({ ...deployment, state: 'in_progress' })
    await octokit.rest.repos.createDeploymentStatus({
      ...deployment,
      state: 'success',
      environment_url: 'https://x.test'
    })
    const statuses = await octokit.rest.repos.listDeploymentStatuses(deployment)
    expect(statuses.data.map(status => status.state)).toEqual(['success', 'in_progress'])
    expect(statuses.data[0]?.environment_url).toBe('https://x.test')
    const listed = await octokit.rest.repos.listDeployments({ ...REPOSITORY, environment: 'production', sha: THIRD })
    expect(listed.data.map(each => each.id)).toEqual([data.id])
    const others = await octokit.rest.repos.listDeployments({ ...REPOSITORY, environment: 'staging' })
    expect(others.data).toEqual([])
  })

  test('become inactive when a later one of the environment succeeds', async () => {
    const ids: number[] = []
    for (const ref of [SECOND, 'main']) {
      const { data } = await octokit.rest.repos.createDeployment({ ...REPOSITORY, ref, environment: 'qa' })
      if (!('id' in data)) throw new Error('no deployment was created')
      ids.push(data.id)
      await octokit.rest.repos.createDeploymentStatus({ ...REPOSITORY, deployment_id: data.id, state: 'success' })
    }
    const [first, second] = await Promise.all(
      ids.map(id => octokit.rest.repos.listDeploymentStatuses({ ...REPOSITORY, deployment_id: id }))
    )
    expect(first?.data.map(status => status.state)).toEqual(['inactive', 'success'])
    expect(second?.data.map(status => status.state)).toEqual(['success'])
  })

  test('of a ref that does not exist are refused', async () => {
    await expect(octokit.rest.repos.createDeployment({ ...REPOSITORY, ref: 'nope' })).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('No ref found for: nope')
    })
  })
})

describe('compare', () => {
  test.each([
    [FIRST, 'main', 'ahead', 2, 0],
    ['main', SECOND, 'behind', 0, 1],
    ['main', THIRD, 'identical', 0, 0],
    ['main', 'feature/x', 'diverged', 1, 2]
  ])('%s...%s is %s', async (base, head, status, ahead, behind) => {
    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({
      ...REPOSITORY,
      basehead: `${base}...${head}`
    })
    expect(data).toMatchObject({ status, ahead_by: ahead, behind_by: behind, total_commits: ahead })
  })

  test('lists the new commits, oldest first', async () => {
    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({ ...REPOSITORY, basehead: `${FIRST}...main` })
    expect(data.commits.map(commit => commit.sha)).toEqual([SECOND, THIRD])
    expect(data.commits[0]?.commit.message).toBe('feat: second')
  })
})

test('comments are written, found page by page and edited', async () => {
  const issue = { ...REPOSITORY, issue_number: 7 }
  const { data } = await octokit.rest.issues.createComment({ ...issue, body: 'one' })
  await octokit.rest.issues.createComment({ ...issue, body: 'two' })
  await octokit.rest.issues.updateComment({ ...REPOSITORY, comment_id: data.id, body: 'edited' })
  const all = await octokit.rest.issues.listComments({ ...issue, per_page: 100 })
  expect(all.data.map(comment => comment.body)).toEqual(['edited', 'two'])
  const second = await octokit.rest.issues.listComments({ ...issue, per_page: 1, page: 2 })
  expect(second.data.map(comment => comment.body)).toEqual(['two'])
  await expect(octokit.rest.issues.createComment({ ...REPOSITORY, issue_number: 8, body: 'x' })).rejects.toMatchObject({
    status: 404
  })
})

test('nobody comes in without a token', async () => {
  const response = await fetch(`${running.url}/api/v3/repos/octo/app/deployments`)
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ message: 'Requires authentication' })
})
