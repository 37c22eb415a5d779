import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { warnOfFate } from '../../../src/decide/image/lifecycle-warning.ts'
import {
  fateOf,
  parseLifecyclePolicy,
  ruleFor,
  type LifecycleRule,
  type StoredImageAge
} from '../../../src/decide/image/lifecycle.ts'

const NOW = Date.UTC(2026, 0, 31)
const DAY = 24 * 60 * 60 * 1000

interface Selection {
  readonly [member: string]: unknown
}

function rule(rulePriority: number, selection: Selection, action: object = { type: 'expire' }): object {
  return { rulePriority, selection: { tagStatus: 'any', ...selection }, action }
}

const count = (countNumber: number): Selection => ({ countType: 'imageCountMoreThan', countNumber })
const age = (countNumber: number, countType = 'sinceImagePushed'): Selection => {
  return { countType, countUnit: 'days', countNumber }
}
const patterns = (...tagPatternList: string[]): Selection => ({ tagStatus: 'tagged', tagPatternList })
const prefixes = (...tagPrefixList: string[]): Selection => ({ tagStatus: 'tagged', tagPrefixList })

function policy(...rules: readonly object[]): readonly LifecycleRule[] {
  const parsed = parseLifecyclePolicy(JSON.stringify({ rules }))
  if (parsed === undefined) throw new Error('the policy was not understood')
  return parsed
}

function image(digest: string, daysAgo: number, ...tags: string[]): StoredImageAge {
  return { digest, tags, pushedAtMs: NOW - daysAgo * DAY, pulledAtMs: undefined }
}

/** `rule 2 in 3 days`, `rule 1 after 2 pushes`, or `stays`. */
function fate(target: StoredImageAge, rules: readonly LifecycleRule[], others: readonly StoredImageAge[] = []): string {
  const found = fateOf(target, ruleFor(target.tags, rules), [target, ...others], NOW)
  if (found.kind === 'stays') return 'stays'
  const when = 'days' in found ? `in ${String(found.days)} days` : `after ${String(found.pushes)} pushes`
  return `rule ${String(found.rule.priority)} ${when}`
}

describe('the rule that takes an image', () => {
  const main = image('a', 0, 'main-3035eca', '1.4.2')

  test.each<[string, Selection, boolean]>([
    ['any', {}, true],
    ['untagged', { tagStatus: 'untagged' }, false],
    ['a pattern', patterns('main-*'), true],
    ['a pattern of another branch', patterns('dev-*'), false],
    ['a pattern without a star, which is exact', patterns('main-'), false],
    ['several patterns, all matched by some tag', patterns('main-*', '*.*.*'), true],
    ['several patterns, one of them not matched', patterns('main-*', 'dev-*'), false],
    ['a prefix', prefixes('main-'), true],
    ['several prefixes, all matched by some tag', prefixes('main', '1.'), true],
    ['several prefixes, one of them not matched', prefixes('main', 'dev'), false]
  ])('selects by %s', (_, selection, expected) => {
    expect(ruleFor(main.tags, policy(rule(1, { ...count(1), ...selection }))) !== undefined).toBe(expected)
  })

  test('is the one with the smallest number, and a later one cannot take what it leaves', () => {
    const rules = policy(rule(9, age(1)), rule(2, { ...patterns('main-*'), ...count(50) }))
    expect(fate(image('a', 400, 'main-1'), rules)).toBe('rule 2 after 50 pushes')
    expect(fate(image('a', 400, 'dev-1'), rules)).toBe('rule 9 in 0 days')
  })

  test('is none where no rule selects it', () => {
    expect(fate(main, policy(rule(1, { tagStatus: 'untagged', ...age(1) })))).toBe('stays')
    expect(fate(main, policy())).toBe('stays')
  })
})

describe('when it goes', () => {
  test('by its age since the push, which a new tag does not make younger', () => {
    expect(fate(image('a', 0, 't'), policy(rule(1, age(30))))).toBe('rule 1 in 30 days')
    expect(fate(image('a', 27.5, 't'), policy(rule(1, age(30))))).toBe('rule 1 in 3 days')
    expect(fate(image('a', 90, 't'), policy(rule(1, age(30))))).toBe('rule 1 in 0 days')
  })

  test('by the time since it was pulled, or pushed when it never was', () => {
    const rules = policy(rule(1, age(30, 'sinceImagePulled')))
    expect(fate({ ...image('a', 90, 't'), pulledAtMs: NOW - 10 * DAY }, rules)).toBe('rule 1 in 20 days')
    expect(fate(image('a', 25, 't'), rules)).toBe('rule 1 in 5 days')
  })

  test('by how many newer ones the rule selects', () => {
    const rules = policy(rule(1, { ...patterns('main-*'), ...count(3) }))
    const others = [image('b', 1, 'main-2'), image('c', 2, 'dev-1'), image('d', 9, 'main-0')]
    expect(fate(image('a', 5, 'main-1'), rules)).toBe('rule 1 after 3 pushes')
    expect(fate(image('a', 5, 'main-1'), rules, others)).toBe('rule 1 after 2 pushes')
    expect(fate(image('a', 99, 'main-1'), rules, [...others, image('e', 3, 'main-3')])).toBe('rule 1 after 0 pushes')
  })

  test('newer images that an earlier rule has taken are counted all the same', () => {
    const rules = policy(rule(1, { ...patterns('dev-*'), ...age(1) }), rule(2, count(2)))
    const others = [image('b', 3, 'dev-1'), image('c', 4, 'dev-2')]
    expect(fate(image('a', 5, 'main-1'), rules, others)).toBe('rule 2 after 0 pushes')
  })

  test('never for a rule that selects by the name of one tag, which one image at most can have', () => {
    const rules = policy(rule(1, { ...patterns('prod-current'), ...count(1) }), rule(2, age(1)))
    expect(fate(image('a', 400, 'prod-current'), rules, [image('b', 1, 'main-2')])).toBe('stays')
  })

  test('never later for being older', () => {
    const days = fc.integer({ min: 0, max: 100 })
    const rules = fc.oneof(days.map(age), days.map(count)).map(selection => policy(rule(1, selection)))
    fc.assert(
      fc.property(rules, fc.uniqueArray(days, { minLength: 2, maxLength: 20 }), (one, ages) => {
        const images = ages.sort((a, b) => a - b).map((daysAgo, index) => image(String(index), daysAgo, 't'))
        const left = images.map(each => {
          const found = fateOf(each, ruleFor(each.tags, one), images, NOW)
          return found.kind === 'stays' ? Number.POSITIVE_INFINITY : 'days' in found ? found.days : found.pushes
        })
        expect(left).toEqual([...left].sort((a, b) => b - a))
      })
    )
  })
})

describe('a policy', () => {
  test('of archived images says nothing about those that are there', () => {
    const archived = rule(1, { storageClass: 'archive', countType: 'sinceImageTransitioned', countNumber: 1 })
    expect(policy(archived, rule(2, age(3)))).toHaveLength(1)
  })

  test('may archive instead of delete', () => {
    const [first] = policy(rule(1, age(30), { type: 'transition', targetStorageClass: 'archive' }))
    expect(first).toMatchObject({ action: 'archive' })
  })

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    [
      'a way to count that is newer than this',
      JSON.stringify({ rules: [rule(1, { ...count(1), countType: 'sinceBirth' })] })
    ],
    ['a status that is newer than this', JSON.stringify({ rules: [rule(1, { ...count(1), tagStatus: 'signed' })] })],
    ['an action that is newer than this', JSON.stringify({ rules: [rule(1, count(1), { type: 'sell' })] })],
    ['tagged, but by no tag', JSON.stringify({ rules: [rule(1, { ...count(1), tagStatus: 'tagged' })] })]
  ])('is not guessed at: %s', (_, text) => {
    expect(parseLifecyclePolicy(text)).toBeUndefined()
  })
})

describe('the warning', () => {
  const rules = policy(rule(5, age(30)))
  const [five] = rules
  const warn = (tags: readonly string[], days: number, marker?: string) =>
    warnOfFate('web', { use: 'deployed here', tags }, { kind: 'goes', rule: five ?? fail(), days }, rules, marker)

  test('names the rule and the time, and is silent while there is enough of it', () => {
    expect(warn(['main-3035eca'], 3)?.sentence).toBe(
      "rule 5 of the lifecycle policy of 'web' deletes the image deployed here (main-3035eca) in 3 days; tasks can then no longer start from it"
    )
    expect(warn(['main-3035eca'], 0)?.sentence).toContain('when it next runs')
    expect(warn(['main-3035eca'], 8)).toBeUndefined()
    expect(warnOfFate('web', { use: 'x', tags: [] }, { kind: 'stays' }, rules, undefined)).toBeUndefined()
  })

  test.each([
    [['main-3035eca'], undefined, 'main-*'],
    [['main-3035eca', '1.4.2'], undefined, '*.*.*'],
    [['v1.5.0-rc.1-9f8e7d6'], undefined, 'v1.5.0-rc.1-*'],
    [['2.0.0-9e7d16f'], undefined, '2.0.0-*'],
    [['main-3035eca', '1.4.2'], 'prod-current', 'prod-current'],
    [['release'], undefined, 'release']
  ])('offers a rule that would keep %j', (tags, marker, pattern) => {
    const json = /\{.*\}$/.exec(warn(tags, 1, marker)?.remedy ?? '')?.[0] ?? ''
    const offered = JSON.parse(json) as { selection: { tagPatternList: string[] } }
    expect(offered).toMatchObject({ rulePriority: 1, selection: { tagPatternList: [pattern] } })
    const all = [...tags, ...(marker === undefined ? [] : [marker])]
    const [first] = policy(offered, rule(5, age(30)))
    expect(ruleFor(all, policy(offered, rule(5, age(30))))).toEqual({
      ...first,
      selects: expect.any(Function) as unknown
    })
  })

  test('says when every earlier number is taken', () => {
    const crowded = policy(rule(1, age(30)))
    const [first = fail()] = crowded
    const fateNow = { kind: 'goes' as const, rule: first, pushes: 1 }
    const warning = warnOfFate('web', { use: 'to go back to', tags: ['1.0.0'] }, fateNow, crowded, undefined)
    expect(warning?.sentence).toContain('after one more push')
    expect(warning?.remedy).toContain('raise the rulePriority of the others by one')
  })
})

function fail(): never {
  throw new Error('there is no rule')
}
