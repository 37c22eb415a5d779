import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { changeOf, largestChange, titleOf, type LoggedCommit } from '../../../src/decide/version/commits.ts'

let count = 0
function commit(message: string, sha = (++count).toString(16).padStart(40, '0')): LoggedCommit {
  return { sha, message }
}

describe('changeOf', () => {
  test.each([
    ['feat!: a', 'breaking'],
    ['feat(api)!: a', 'breaking'],
    ['chore!: drop Node 18', 'breaking'],
    ['fix: a\n\nBREAKING CHANGE: b', 'breaking'],
    ['fix: a\n\nBREAKING-CHANGE: b', 'breaking'],
    ['fix: a\n\nbreaking change: b', 'breaking'],
    ['docs: a\n\nBREAKING CHANGE:\nover several lines', 'breaking'],
    ['feat: a', 'feature'],
    ['feat(api): a', 'feature'],
    ['Feat: a', 'feature'],
    ['FEAT: a', 'feature'],
    ['fix: a', 'fix'],
    ['fix(deps): a', 'fix'],
    ['perf: a', 'fix'],
    ['revert: feat: a', 'fix'],
    ['Revert "feat: a"', 'fix'],
    ['Back out a\n\nThis reverts commit 0123456789abcdef.', 'fix'],
    ['Back out a\r\n\r\nThis reverts commit 0123456789abcdef.\r\n', 'fix']
  ])('%j is a %s', (message, change) => {
    expect(changeOf(message)).toBe(change)
  })

  test.each([
    'docs: a',
    'refactor: a',
    'build(deps): a',
    'chore: a',
    'feat:a',
    'feat (x): a',
    '✨ feat: a',
    'ABC-1: feat: a',
    'fixup! feat: a',
    'a feature: b',
    'chore: a\n\nBREAKING CHANGES: none',
    'chore: a\n\nthis is no BREAKING CHANGE: it only moves files',
    'feat',
    ''
  ])('%j asks for no release', message => {
    expect(changeOf(message)).toBeUndefined()
  })

  test.each([
    ['Add a thing (#12)\n\n* feat: a\n\n* fix: b', 'feature'],
    ['Add a thing (#12)\n\n* docs: a\n\n* fix: b', 'fix'],
    ['docs: a (#12)\n\n* feat: first try\n\n* docs: b', undefined],
    ['docs: a (#12)\n\n* feat!: b', 'breaking'],
    ['feat: a (#12)\n\n* feat: b\n\n* Revert "feat: b"\n\nThis reverts commit 0123456789abcdef.', 'feature']
  ])('what a squash lists counts when its title is no commit of its own, and a break always: %j', (message, change) => {
    expect(changeOf(message)).toBe(change)
  })

  test.each([
    ['Merge pull request #12 from octo/x\n\nfeat: y', 'feature'],
    ["Merge branch 'x' into 'main'\n\nfix: y\n\nSee merge request octo/x!12", 'fix'],
    ['Merged in x (pull request #3)\n\nfix!: y', 'breaking'],
    ['Merged PR 12: feat: y', 'feature'],
    ["Merge branch 'main' into feat: x", undefined],
    ['Merge pull request #12 from octo/feat', undefined]
  ])('the title of a merge is the one of its pull request: %j', (message, change) => {
    expect(changeOf(message)).toBe(change)
  })

  test('nobody can make it slow', () => {
    for (const piece of ['a', '(', 'feat(', ': ', '* ', '\n', 'BREAKING CHANGE ', 'This reverts commit ', 'Revert "']) {
      const message = piece.repeat(200_000)
      const before = performance.now()
      changeOf(message)
      largestChange([commit(message), commit(message)])
      expect(performance.now() - before).toBeLessThan(1500)
    }
  })
})

describe('titleOf', () => {
  test.each([
    ['\n\n  feat: a  \nb', 'feat: a'],
    ['Merge pull request #1 from a/b', ''],
    ['Merge the two lists', 'Merge the two lists']
  ])('%j', (message, title) => {
    expect(titleOf(message)).toBe(title)
  })
})

describe('largestChange', () => {
  test('the largest, and the newest commit that makes it', () => {
    const newest = commit('feat: b')
    expect(largestChange([commit('fix: c'), newest, commit('feat: a'), commit('docs: x')])).toEqual({
      change: 'feature',
      commit: newest
    })
    expect(largestChange([commit('docs: x'), commit('whatever')])).toBeUndefined()
    expect(largestChange([])).toBeUndefined()
  })

  const feat = commit('feat: a (#7)')
  const fix = commit('fix: b')
  const byId = commit(`Revert "feat: a (#7)"\n\nThis reverts commit ${feat.sha}.`)
  const byTitle = commit('Revert "feat: a (#7)" (#8)\n\nReverts octo/app#7')

  test.each([
    ['by id', [byId, fix, feat], 'fix'],
    ['by an abbreviated id', [commit(`Take it back\n\nThis reverts commit ${feat.sha.slice(0, 39)}`), feat], undefined],
    ['by title', [byTitle, fix, feat], 'fix'],
    ['as people write it', [commit('revert: feat: a (#7)'), feat], undefined],
    ['of something that was released', [byId, fix], 'fix'],
    ['of something that was released, alone', [byTitle], 'fix'],
    ['that was reverted', [commit(`Revert "x"\n\nThis reverts commit ${byId.sha}.`), byId, feat], 'feature'],
    ['that was reapplied', [commit('Reapply "feat: a (#7)"'), byTitle, feat], 'feature'],
    [
      'of two at once, one of them released',
      [commit(`x\n\nThis reverts commit ${feat.sha}.\n\nThis reverts commit ${'f'.repeat(40)}.`), feat],
      'fix'
    ],
    [
      'of two at once under a title that is none, one of them released',
      [commit(`chore: x\n\nThis reverts commit ${feat.sha}.\n\nThis reverts commit ${'f'.repeat(40)}.`), feat],
      undefined
    ],
    [
      'of what another one reverted',
      [byId, commit(`x\n\nThis reverts commit ${feat.sha.slice(0, 39)}`), feat],
      undefined
    ],
    ['under a title of its own', [commit(`fix: take it back\n\nThis reverts commit ${feat.sha}.`), feat], 'fix'],
    ['that is older than what has the same title', [feat, byTitle], 'feature']
  ])('a revert %s', (_, commits, change) => {
    expect(largestChange(commits)?.change).toBe(change)
  })

  const plain = fc.constantFrom('feat: a', 'fix: b', 'docs: c', 'feat!: d', 'x\n\nBREAKING CHANGE: e', 'f', 'perf: g')

  describe('of a merge', () => {
    const [main, work, more, merge] = [commit('chore: a'), commit('feat: b'), commit('wip'), commit('Merge branch x')]
    const revert = commit(
      `Revert "Merge branch x"\n\nThis reverts commit ${merge.sha}, reversing\nchanges made to ${main.sha}.`
    )
    const merged = [merge, more, work, main]
    const parents = new Map<string, string[]>([
      [revert.sha, [merge.sha]],
      [merge.sha, [main.sha, more.sha]],
      [more.sha, [work.sha]],
      [work.sha, ['0'.repeat(40)]],
      [main.sha, ['0'.repeat(40)]]
    ])

    function largest(commits: readonly LoggedCommit[], others: [LoggedCommit, LoggedCommit[]][] = []) {
      const all = new Map([...parents, ...others.map(([{ sha }, on]) => [sha, on.map(each => each.sha)] as const)])
      return largestChange(commits, new Map(commits.map(({ sha }) => [sha, all.get(sha) ?? []])))
    }

    test('takes along what the merge brought, and nothing else', () => {
      expect(largest([revert, ...merged])).toBeUndefined()
      const own = commit('fix: c')
      const ofBoth = [revert, merge, more, work, own, main]
      expect(
        largest(ofBoth, [
          [own, [main]],
          [merge, [own, more]]
        ])
      ).toEqual({ change: 'fix', commit: own })
      expect(
        largest(ofBoth, [
          [own, [main]],
          [more, [work, own]],
          [merge, [own, more]]
        ])?.commit
      ).toBe(own)
      expect(
        largest(ofBoth, [
          [own, [main]],
          [more, [work, own]],
          [merge, [main, more]]
        ])
      ).toBeUndefined()
    })

    test('that is reverted itself brings it back', () => {
      const back = commit(`Reapply "Merge branch x"\n\nThis reverts commit ${revert.sha}.`)
      expect(largest([back, revert, ...merged], [[back, [revert]]])?.commit).toBe(work)
    })

    test("by GitHub's button, merged by a pull request of its own", () => {
      const titled = { ...merge, message: 'Merge pull request #12 from o/x\n\nfeat: b' }
      const message = `Revert "feat: b"\n\nThis reverts commit ${merge.sha}, reversing\nchanges made to ${main.sha}.`
      for (const text of [message, 'Revert "feat: b"']) {
        const button = commit(text)
        const second = commit('Merge pull request #13 from o/revert-12-x\n\nRevert "feat: b"')
        const line = [second, button, titled, more, work, main]
        const twice: [LoggedCommit, LoggedCommit[]][] = [
          [button, [merge]],
          [second, [merge, button]]
        ]
        expect(largest(line, twice)).toBeUndefined()
        const third = commit(
          `Revert "x"\n\nThis reverts commit ${second.sha}, reversing\nchanges made to ${merge.sha}.`
        )
        expect(largest([third, ...line], [...twice, [third, [second]]])?.change).toBe('feature')
      }
    })

    test.each(['Revert "feat: b"', 'Revert "Merge pull request #12 from o/x"'])(
      'merged by a pull request that names the title, itself as %s, counts for nothing until it is reverted',
      title => {
        const titled = { ...merge, message: 'Merge pull request #12 from o/x\n\nfeat: b' }
        const own = commit(`${title}\n\nThis reverts commit ${merge.sha}, reversing\nchanges made to ${main.sha}.`)
        const second = commit('Merge pull request #13 from o/revert-12-x\n\nRevert "feat: b"')
        const line = [second, own, titled, more, work, main]
        const twice: [LoggedCommit, LoggedCommit[]][] = [
          [own, [merge]],
          [second, [merge, own]]
        ]
        expect(largest(line, twice)).toBeUndefined()
        for (const { sha } of [own, second]) {
          const back = commit(`Reapply "x"\n\nThis reverts commit ${sha}.`)
          expect(largest([back, ...line], [...twice, [back, [second]]])?.change).toBe('feature')
        }
      }
    )

    test('ten thousand merges that are reverted take no time', () => {
      const merges = Array.from({ length: 5_000 }, (_, index) => commit(`Merge branch ${String(index)}`))
      const reverts = merges.map(({ sha }) => commit(`Revert "x"\n\nThis reverts commit ${sha}, reversing\nx`))
      const line = [...reverts, ...merges]
      const long = new Map(line.map(({ sha }, at) => [sha, [line[at + 1]?.sha ?? '', line[at + 2]?.sha ?? '']]))
      const start = performance.now()
      expect(largestChange(line, long)).toBeUndefined()
      expect(performance.now() - start).toBeLessThan(5_000)
    })
  })

  test('the order of commits that revert nothing does not matter', () => {
    const shuffled = fc
      .array(plain, { maxLength: 12 })
      .chain(messages => fc.tuple(fc.constant(messages), fc.shuffledSubarray(messages, { minLength: messages.length })))
    fc.assert(
      fc.property(shuffled, ([messages, others]) => {
        expect(largestChange(others.map(message => commit(message)))?.change).toBe(
          largestChange(messages.map(message => commit(message)))?.change
        )
      })
    )
  })

  test('a commit and its revert change nothing about the rest', () => {
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 8 }), plain, fc.nat(8), (messages, extra, at) => {
        const rest = messages.map(message => commit(message))
        const reverted = commit(extra)
        const revert = commit(`Revert "${extra.split('\n')[0] ?? ''}"\n\nThis reverts commit ${reverted.sha}.`)
        const both = [revert, ...rest.slice(0, at), reverted, ...rest.slice(at)]
        expect(largestChange(both)?.change).toBe(largestChange(rest)?.change)
      })
    )
  })

  test('ten thousand commits that revert one another take no time', () => {
    const commits = Array.from({ length: 10_000 }, (_, index) => commit(`Revert "feat: ${String(index)}"`))
    const before = performance.now()
    largestChange(commits)
    expect(performance.now() - before).toBeLessThan(5000)
  })
})
