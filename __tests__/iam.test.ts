import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { accessesOf, actionsOf, allowing, readStatements, type Access, type Statement } from './support/iam.ts'
import { DEPLOYMENT, SCENARIOS, shopWith, virtually, type Made } from './support/iam-scenarios.ts'

const sections = readStatements('docs/iam.md')

const statements = [...sections.values()].flat()

/** Rights of the caller that another service uses. */
const USED_BY_OTHERS = ['inspector2:ListCoverage', 'inspector2:ListFindings']

/** The statements under the headings that begin so. */
function policy(headings: readonly string[]): readonly Statement[] {
  return headings.flatMap(heading => {
    const [, found] = [...sections].find(([title]) => title.startsWith(heading)) ?? []
    if (found === undefined) throw new Error(`docs/iam.md has no part '${heading}'`)
    return found
  })
}

function accessesOfRun({ calls }: Made): readonly Access[] {
  return calls.flatMap(accessesOf)
}

function denied(allowed: readonly Statement[], run: Made): readonly Access[] {
  return accessesOfRun(run).filter(access => allowing(allowed, access).length === 0)
}

/** What was used of which statement, in one scenario or another. */
const used = new Set<string>()

function use({ Sid }: Statement, action: string): string {
  return `${Sid} ${action}`
}

describe('the rights of the documentation', () => {
  test.each(SCENARIOS)('suffice for $name', async ({ parts, unmissed, ends, runs }) => {
    const allowed = policy(parts)
    const made = await Promise.all(runs())
    expect(made.map(({ outputs }) => outputs['outcome'])).toEqual(ends)
    for (const run of made) {
      expect(denied(allowed, run).filter(({ action }) => action !== unmissed)).toEqual([])
      for (const access of accessesOfRun(run)) {
        for (const statement of allowing(allowed, access)) used.add(use(statement, access.action))
      }
    }
  })

  test('are all used', () => {
    const granted = statements.flatMap(statement => actionsOf(statement).map(action => use(statement, action)))
    expect(granted.length).toBeGreaterThan(40)
    expect(granted.filter(each => !used.has(each) && !USED_BY_OTHERS.some(action => each.endsWith(action)))).toEqual([])
  })

  test('are those to read in a dry run', async () => {
    const reading = policy([DEPLOYMENT]).map(statement => ({
      ...statement,
      Action: actionsOf(statement).filter(action => /:(Describe|List|Get|BatchGet)/.test(action))
    }))
    const world = shopWith({ images: [{ tags: ['hand-made'] }] })
    const run = await virtually(world, { image: 'hand-made', sha: '4'.repeat(40), 'dry-run': 'true' })
    expect(run.outputs['outcome']).toBe('planned')
    expect(denied(reading, run)).toEqual([])
  })

  test('name each action, and pass roles to tasks alone', () => {
    const names = statements.map(({ Sid }) => Sid)
    expect(new Set(names).size).toBe(names.length)
    for (const statement of statements) {
      expect(statement).toMatchObject({ Effect: 'Allow', Sid: expect.stringMatching(/^[A-Za-z0-9]+$/) as unknown })
      for (const action of actionsOf(statement)) expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z]+$/)
    }
    const passing = statements.filter(statement => actionsOf(statement).includes('iam:PassRole'))
    expect(passing).toHaveLength(1)
    for (const { Resource, Condition } of passing) {
      expect([Resource].flat().join()).not.toContain('*')
      expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } })
    }
  })

  test('are on everything only where IAM knows nothing narrower', () => {
    const wide = statements.filter(({ Resource, Condition }) => Resource === '*' && Condition === undefined)
    expect(wide.flatMap(actionsOf).sort()).toEqual([
      'application-autoscaling:DescribeScalableTargets',
      'ecr:GetAuthorizationToken',
      'ecr:GetAuthorizationToken',
      'ecs:DescribeTaskDefinition',
      'ecs:ListClusters',
      'ecs:RegisterTaskDefinition',
      ...USED_BY_OTHERS
    ])
  })

  test('are given to one environment of one repository', () => {
    const [, section = ''] = readFileSync('docs/iam.md', 'utf8').split('## Who may assume the role\n')
    const [, block = ''] = /^```json\n(.*?)^```$/ms.exec(section) ?? []
    const { Statement: trust } = JSON.parse(block) as { readonly Statement: readonly unknown[] }
    expect(trust).toEqual([
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': 'repo:OWNER/REPOSITORY:environment:production'
          }
        }
      })
    ])
  })
})
