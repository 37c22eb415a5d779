import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { describeCommit, type TriggerEvent } from '../../../src/decide/image/commit.ts'
import { commitTag } from '../../../src/decide/image/tags.ts'

/** Events as GitHub sends them, without the members that are far from those that are read. */
function recorded(file: string): TriggerEvent {
  return JSON.parse(readFileSync(`__tests__/decide/image/events/${file}.json`, 'utf8')) as TriggerEvent
}

const FILES = readdirSync('__tests__/decide/image/events').map(file => file.replace(/\.json$/, ''))
const NOTHING_LEFT = ['delete', 'push-branch-deleted']

const TIP = recorded('push').sha
const HEAD = recorded('workflow-dispatch').sha
const MERGE = recorded('pull-request-opened').sha
const GROUP = recorded('merge-group').sha
const TAGGED = recorded('release').sha

function tagOf(event: TriggerEvent, head?: string): string {
  const { name: branch, sha } = describeCommit(event, {}, head)
  return commitTag({ branch, sha, shaLength: 7 })
}

const tag = (branch: string, sha: string): string => `${branch}-${sha.slice(0, 7)}`

describe('the tag of an event', () => {
  test.each<[string, string, RegExp | undefined]>([
    ['push', tag('main', TIP), undefined],
    ['push-tag', tag('v1.4.2', TAGGED), undefined],
    ['pull-request-opened', tag('feature-baskets', HEAD), /names the head of pr-12, not its merge commit/],
    ['pull-request-closed', tag('feature-baskets', HEAD), /names the head of pr-12/],
    ['pull-request-merged', tag('main', TIP), /pr-12 was merged into main/],
    ['pull-request-fork', tag('pr-12', HEAD), /pr-12 comes from mona\/shop/],
    ['pull-request-fork-deleted', tag('pr-12', HEAD), /pr-12 comes from a deleted fork/],
    ['pull-request-target-fork', tag('pr-12', HEAD), /pr-12 comes from mona\/shop/],
    ['pull-request-target-merged', tag('main', TIP), /pr-12 was merged into main/],
    ['merge-group', tag('main', GROUP), /the merge queue of main runs for pr-12/],
    ['workflow-run', tag('feature-baskets', HEAD), /the workflow run that triggered this one/],
    ['workflow-run-fork', tag('mona-main', HEAD), /for the fork mona\/shop/],
    ['workflow-run-fork-deleted', tag('fork-main', HEAD), /for a deleted fork/],
    ['schedule', tag('main', TIP), undefined],
    ['workflow-dispatch', tag('hotfix-prices', HEAD), undefined],
    ['release', tag('v1.4.2', TAGGED), undefined],
    ['repository-dispatch', tag('main', TIP), undefined]
  ])('%s', (file, expected, why) => {
    const event = recorded(file)
    expect(tagOf(event)).toBe(expected)
    const said = describeCommit(event).why
    if (why === undefined) expect(said).toBeUndefined()
    else expect(said).toMatch(why)
  })

  test.each(NOTHING_LEFT)('%s leaves nothing', file => {
    expect(() => describeCommit(recorded(file))).toThrow(/leaves nothing to build or deploy/)
  })
})

describe('what is checked out', () => {
  test.each([
    ['pull-request-opened', MERGE, tag('pr-12', MERGE)],
    ['pull-request-opened', HEAD, tag('feature-baskets', HEAD)],
    ['pull-request-target-fork', TIP, tag('main', TIP)],
    ['pull-request-target-fork', HEAD, tag('pr-12', HEAD)],
    ['pull-request-merged', HEAD, tag('feature-baskets', HEAD)],
    ['pull-request-target-merged', HEAD, tag('pr-12', HEAD)],
    ['pull-request-target-merged', TIP, tag('main', TIP)],
    ['workflow-run', TIP, tag('main', TIP)],
    ['workflow-run-fork-deleted', HEAD, tag('fork-main', HEAD)],
    ['merge-group', GROUP, tag('main', GROUP)]
  ])('of %s may be %s', (file, head, expected) => {
    expect(tagOf(recorded(file), head)).toBe(expected)
  })

  test.each(FILES.filter(file => !NOTHING_LEFT.includes(file)))(
    'after %s wins, and is said when it is another',
    file => {
      const other = '9'.repeat(40)
      const commit = describeCommit(recorded(file), {}, other)
      expect(commit.sha).toBe(other)
      expect(commit.why).toContain('9999999999 is checked out')
    }
  )
})

test('what is not merged is proposed, and no version is released from it', () => {
  const proposed = FILES.filter(file => !NOTHING_LEFT.includes(file) && describeCommit(recorded(file)).isProposed)
  const unmerged = FILES.filter(file => /^(pull-request(?!.*-merged)|merge-group)/.test(file))
  expect(proposed.filter(file => !file.startsWith('workflow-run'))).toEqual(unmerged)
  for (const [started, file] of [
    ['pull_request', 'workflow-run'],
    ['push', 'workflow-run'],
    ['pull_request', 'workflow-run-fork'],
    ['pull_request', 'workflow-run-fork-deleted']
  ] as const) {
    const event = recorded(file)
    const workflowRun = { ...(event.payload['workflow_run'] as object), event: started }
    const { isProposed } = describeCommit({ ...event, payload: { ...event.payload, workflow_run: workflowRun } })
    expect(isProposed).toBe(started === 'pull_request')
  }
  // The head of a merged pull request is in no branch when its commits were squashed.
  expect(describeCommit(recorded('pull-request-target-merged'), {}, HEAD).isProposed).toBe(true)
  // Who names the branch means it.
  const pullRequest = recorded('pull-request-opened')
  expect(describeCommit(pullRequest, { ref: 'refs/heads/next' }).isProposed).toBe(false)
  expect(describeCommit(pullRequest, { sha: HEAD }).isProposed).toBe(true)
  expect(describeCommit(pullRequest, {}, '9'.repeat(40)).isProposed).toBe(true)
})

test("a fork never gets a name of this repository's branches", () => {
  for (const file of FILES.filter(name => name.includes('fork'))) {
    expect(tagOf(recorded(file))).not.toMatch(/^(main|feature-baskets)-[0-9a-f]{7}$/)
  }
})
