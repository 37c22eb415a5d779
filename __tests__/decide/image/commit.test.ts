import { describe, expect, test } from '@jest/globals'
import { describeCommit, type TriggerEvent } from '../../../src/decide/image/commit.ts'

const EVENT_SHA = 'e'.repeat(40)
const HEAD_SHA = 'a'.repeat(40)
const OTHER_SHA = 'b'.repeat(40)

function event(name: string, ref: string, payload: TriggerEvent['payload'] = {}): TriggerEvent {
  return { name, ref, sha: EVENT_SHA, payload }
}

function pullRequest(from: string | null, more: object = {}): TriggerEvent['payload'] {
  return {
    number: 12,
    pull_request: {
      number: 12,
      head: { ref: 'feature/x', sha: HEAD_SHA, repo: from === null ? null : { full_name: from } },
      base: { ref: 'main', repo: { full_name: 'org/app' } },
      ...more
    }
  }
}

function failureOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('events that name their own commit', () => {
  test.each([
    ['push', 'refs/heads/main', 'branch', 'main'],
    ['push', 'refs/heads/feature/x', 'branch', 'feature/x'],
    ['push', 'refs/tags/v1.2.3', 'tag', 'v1.2.3'],
    ['create', 'refs/tags/api@1.2.3', 'tag', 'api@1.2.3'],
    ['release', 'refs/tags/v1.2.3', 'tag', 'v1.2.3'],
    ['schedule', 'refs/heads/main', 'branch', 'main'],
    ['issue_comment', 'refs/heads/main', 'branch', 'main'],
    ['repository_dispatch', 'refs/heads/main', 'branch', 'main'],
    ['workflow_dispatch', 'refs/heads/hotfix', 'branch', 'hotfix']
  ])('%s of %s', (name, ref, kind, shown) => {
    expect(describeCommit(event(name, ref))).toMatchObject({ kind, name: shown, sha: EVENT_SHA, why: undefined })
    expect(describeCommit(event(name, ref), {}, EVENT_SHA)).toMatchObject({ sha: EVENT_SHA, why: undefined })
  })

  test.each([
    ['delete', event('delete', 'refs/heads/main', { ref: 'feature/x' }), /deletes feature\/x/],
    ['a push that deletes', event('push', 'refs/heads/x', { deleted: true }), /leaves nothing to build/],
    ['a push to nothing', { ...event('push', 'refs/heads/x'), sha: '0'.repeat(40) }, /leaves nothing to build/],
    ['a ref of another kind', event('push', 'refs/notes/x'), /'refs\/notes\/x' is no branch, tag or pull request/],
    ['no ref', event('deployment', ''), /names no branch/],
    ['an abbreviated commit', { ...event('push', 'refs/heads/x'), sha: '3035eca' }, /'3035eca', which is no full/]
  ])('%s is refused', (_, given, sentence) => {
    expect(() => describeCommit(given)).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: expect.stringMatching(sentence) as unknown })
    )
  })
})

describe('pull requests', () => {
  const own = event('pull_request', 'refs/pull/12/merge', pullRequest('org/app'))
  const fork = event('pull_request', 'refs/pull/12/merge', pullRequest('someone/app'))

  test('the branch and its head, not the throw-away merge commit', () => {
    expect(describeCommit(own)).toMatchObject({ kind: 'branch', name: 'feature/x', sha: HEAD_SHA })
    expect(describeCommit(own, {}, HEAD_SHA)).toMatchObject({ kind: 'branch', name: 'feature/x', sha: HEAD_SHA })
  })

  test('the merge commit, when that is what is checked out', () => {
    expect(describeCommit(own, {}, EVENT_SHA)).toMatchObject({
      kind: 'pull-request',
      name: 'pr-12',
      sha: EVENT_SHA,
      why: 'the throw-away merge commit of pr-12 is checked out, which is in no branch'
    })
  })

  test("a fork's branch never gives the name", () => {
    expect(describeCommit(fork)).toMatchObject({ kind: 'pull-request', name: 'pr-12', sha: HEAD_SHA })
    const deleted = event('pull_request', 'refs/pull/12/merge', pullRequest(null))
    expect(describeCommit(deleted)).toMatchObject({ name: 'pr-12', why: 'pr-12 comes from a deleted fork' })
  })

  test('a merged one is a commit of its base branch', () => {
    const merged = pullRequest('org/app', { merged: true, merge_commit_sha: OTHER_SHA })
    expect(describeCommit(event('pull_request', 'refs/heads/main', merged))).toMatchObject({
      kind: 'branch',
      name: 'main',
      sha: OTHER_SHA
    })
  })

  test('pull_request_target has the head in its payload, and checks out the default branch', () => {
    const target = event('pull_request_target', 'refs/heads/main', pullRequest('someone/app'))
    expect(describeCommit(target)).toMatchObject({ name: 'pr-12', sha: HEAD_SHA })
    expect(describeCommit(target, {}, EVENT_SHA)).toMatchObject({ kind: 'branch', name: 'main', sha: EVENT_SHA })
  })

  test('a payload without the head is refused, and the inputs say what it does not', () => {
    const headless = event('pull_request', 'refs/pull/12/merge', { number: 12 })
    expect(failureOf(() => describeCommit(headless))).toMatchObject({
      message: 'the event does not say what the head of pr-12 is',
      remedy: expect.stringContaining("inputs 'sha' and 'ref'") as unknown
    })
    expect(describeCommit(headless, { sha: OTHER_SHA, ref: 'main' })).toMatchObject({ name: 'main', sha: OTHER_SHA })
    expect(() => describeCommit(event('pull_request', 'refs/pull/12/merge'))).toThrow(/refs\/pull\/12\/merge/)
  })
})

describe('events about another run or branch', () => {
  test('a merge group becomes the next tip of its base', () => {
    const ref = `refs/heads/gh-readonly-queue/main/pr-12-${OTHER_SHA}`
    const payload = { merge_group: { base_ref: 'refs/heads/main', head_sha: EVENT_SHA } }
    expect(describeCommit(event('merge_group', ref, payload))).toMatchObject({
      kind: 'branch',
      name: 'main',
      sha: EVENT_SHA,
      why: 'the merge queue of main runs for pr-12, and this commit becomes its next tip'
    })
  })

  function workflowRun(from: string): TriggerEvent {
    return event('workflow_run', 'refs/heads/main', {
      repository: { full_name: 'org/app' },
      workflow_run: { head_branch: 'main', head_sha: HEAD_SHA, head_repository: { full_name: from } }
    })
  }

  test('a workflow run is about the commit that ran', () => {
    expect(describeCommit(workflowRun('org/app'))).toMatchObject({ kind: 'branch', name: 'main', sha: HEAD_SHA })
    expect(describeCommit(workflowRun('org/app'), {}, EVENT_SHA)).toMatchObject({ name: 'main', sha: EVENT_SHA })
  })

  test("a workflow run for a fork's main is not about main", () => {
    expect(describeCommit(workflowRun('someone/app'))).toMatchObject({ kind: 'pull-request', name: 'someone:main' })
  })
})

describe('what is checked out and what was asked for', () => {
  const push = event('push', 'refs/heads/main')

  test('another checkout is what gets built, so the tag names it', () => {
    expect(describeCommit(push, {}, OTHER_SHA)).toMatchObject({
      kind: 'branch',
      name: 'main',
      sha: OTHER_SHA,
      why: 'bbbbbbbbbb is checked out, not eeeeeeeeee, which started the run: the tag names what is built'
    })
  })

  test('the inputs win', () => {
    expect(describeCommit(push, { sha: OTHER_SHA.toUpperCase() }, HEAD_SHA)).toMatchObject({
      name: 'main',
      sha: OTHER_SHA
    })
    expect(describeCommit(push, { ref: 'refs/tags/v1' })).toMatchObject({ kind: 'tag', name: 'v1', sha: EVENT_SHA })
    expect(describeCommit(push, { ref: 'hotfix', sha: OTHER_SHA })).toMatchObject({ name: 'hotfix', sha: OTHER_SHA })
    expect(describeCommit(push, { ref: 'hotfix' }, OTHER_SHA)).toMatchObject({ name: 'hotfix', sha: OTHER_SHA })
    expect(describeCommit(event('deployment', ''), { ref: 'main' })).toMatchObject({ name: 'main', sha: EVENT_SHA })
    expect(describeCommit(event('delete', ''), { ref: 'main', sha: OTHER_SHA })).toMatchObject({ sha: OTHER_SHA })
  })

  test('an abbreviated `sha` is refused', () => {
    expect(() => describeCommit(push, { sha: '3035eca' })).toThrow(/the input 'sha' is '3035eca'/)
  })

  test('a repository with SHA-256 has longer ids', () => {
    const sha = 'c'.repeat(64)
    expect(describeCommit({ ...push, sha }, {}, sha)).toMatchObject({ sha })
  })
})
