import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { tagCanMove, type TagImmutability } from '../../../src/decide/image/immutability.ts'
import { parseMarker, refuseMarker, type MarkerScene } from '../../../src/decide/image/marker.ts'
import { planProtection, type ProtectionMode } from '../../../src/decide/image/protection.ts'

const URI = '210987654321.dkr.ecr.us-east-1.amazonaws.com/web'
const COMMAND = 'aws ecr put-image-tag-mutability --region us-east-1 --registry-id 210987654321 --repository-name web'

function settings(mode: string, ...filters: string[]): TagImmutability {
  return { mode, filters: filters.map(filter => ({ filterType: 'WILDCARD', filter })) }
}

function plan(mode: ProtectionMode, immutability: TagImmutability | undefined, marker?: string) {
  return planProtection(mode, { name: 'web', uri: URI, immutability, tags: ['main-3035eca', '1.4.2'], marker })
}

describe('tag-immutability', () => {
  test.each<ProtectionMode>(['require', 'enforce', 'warn', 'ignore'])(
    '%s has nothing to do where no tag can move',
    mode => {
      expect(plan(mode, settings('IMMUTABLE'))).toEqual({ kind: 'nothing' })
      expect(plan(mode, settings('IMMUTABLE_WITH_EXCLUSION', 'dev-*'))).toEqual({ kind: 'nothing' })
      expect(plan(mode, settings('MUTABLE_WITH_EXCLUSION', 'main-*', '*.*.*'))).toEqual({ kind: 'nothing' })
    }
  )

  test('ignore says nothing, warn one sentence, require refuses', () => {
    expect(plan('ignore', settings('MUTABLE'))).toEqual({ kind: 'nothing' })
    expect(plan('warn', settings('MUTABLE'))).toMatchObject({
      kind: 'warning',
      sentence: expect.stringContaining("repository 'web' lets main-3035eca, 1.4.2 be moved (MUTABLE)") as unknown
    })
    expect(plan('require', settings('MUTABLE'))).toMatchObject({
      kind: 'refusal',
      remedy: expect.stringContaining(`${COMMAND} --image-tag-mutability IMMUTABLE)`) as unknown
    })
  })

  test('judges tag by tag', () => {
    expect(plan('require', settings('IMMUTABLE_WITH_EXCLUSION', 'main-*'))).toMatchObject({
      kind: 'refusal',
      sentence: "repository 'web' lets main-3035eca be moved (IMMUTABLE_WITH_EXCLUSION main-*)"
    })
  })

  test.each(['MUTABLE', 'MUTABLE_WITH_EXCLUSION'])(
    'enforce makes every tag of %s immutable, the marker aside',
    mode => {
      const current = settings(mode, ...(mode === 'MUTABLE' ? [] : ['release-*']))
      expect(plan('enforce', current)).toMatchObject({ kind: 'change', settings: settings('IMMUTABLE') })
      expect(plan('enforce', current, 'prod-current')).toMatchObject({
        kind: 'change',
        settings: settings('IMMUTABLE_WITH_EXCLUSION', 'prod-current')
      })
    }
  )

  test('enforce leaves an exclusion alone that lets a tag move, and so refuses', () => {
    expect(plan('enforce', settings('IMMUTABLE_WITH_EXCLUSION', 'main-*'))).toMatchObject({ kind: 'refusal' })
  })

  test.each<[string, string[], string | undefined, string]>([
    ['every exclusion', ['main-*'], undefined, 'IMMUTABLE'],
    ['only the one that lets a tag move', ['dev-*', 'main-*'], undefined, 'IMMUTABLE_WITH_EXCLUSION dev-*'],
    ['none for the marker', ['main-*', 'prod-*'], 'prod-current', 'IMMUTABLE_WITH_EXCLUSION prod-*'],
    ['none that the marker needs', ['*'], 'prod-current', 'IMMUTABLE_WITH_EXCLUSION prod-current']
  ])('the way out takes %s off, and would help', (_, filters, marker, result) => {
    const current = settings('IMMUTABLE_WITH_EXCLUSION', ...filters)
    const [mode, ...exclusions] = result.split(' ')
    const option = exclusions.map(
      each => ` --image-tag-mutability-exclusion-filters 'filterType=WILDCARD,filter=${each}'`
    )
    const command = `(${COMMAND} --image-tag-mutability ${mode ?? ''}${option.join('')})`
    for (const asked of ['warn', 'require', 'enforce'] as const) {
      const planned = plan(asked, current, marker)
      const said = 'remedy' in planned ? planned.remedy : 'sentence' in planned ? planned.sentence : ''
      expect(said).toContain(command)
      expect(said).not.toContain("'enforce'")
    }
    expect(plan('require', settings(mode ?? '', ...exclusions), marker)).toEqual({ kind: 'nothing' })
  })

  test('the way out keeps the marker movable', () => {
    const said =
      "--image-tag-mutability IMMUTABLE_WITH_EXCLUSION --image-tag-mutability-exclusion-filters 'filterType=WILDCARD,filter=prod-current'"
    expect(plan('require', settings('MUTABLE'), 'prod-current')).toMatchObject({
      remedy: expect.stringContaining(said) as unknown
    })
  })

  test('settings that cannot be read guarantee nothing', () => {
    expect(plan('warn', undefined)).toEqual({ kind: 'nothing' })
    expect(plan('require', undefined)).toMatchObject({ kind: 'refusal' })
    expect(plan('enforce', undefined)).toMatchObject({ kind: 'refusal' })
    expect(plan('require', settings('SOMETHING_NEW'))).toMatchObject({ kind: 'refusal' })
  })

  test('after a change no tag can move but the marker, and no change makes a tag movable', () => {
    const modes = fc.constantFrom('MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION')
    const tags = fc.array(fc.constantFrom('main-1', 'main-2', '1.4.2', 'dev', 'prod-current'), { minLength: 1 })
    const filters = fc.array(fc.constantFrom('main-*', '*.*.*', 'dev', '*', 'prod-current'), {
      minLength: 1,
      maxLength: 5
    })
    fc.assert(
      fc.property(modes, filters, tags, (mode, patterns, all) => {
        const own = all.filter(tag => tag !== 'prod-current')
        const current = settings(mode, ...(mode.endsWith('EXCLUSION') ? patterns : []))
        const scene = { name: 'web', uri: URI, immutability: current, tags: own, marker: 'prod-current' }
        const planned = planProtection('enforce', scene)
        if (planned.kind !== 'change') return
        for (const tag of all) expect(tagCanMove(planned.settings, tag)).toBe(tag === 'prod-current')
      })
    )
  })
})

describe('marker-tag', () => {
  const uri = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web'
  const scene: MarkerScene = {
    marker: 'prod-current',
    repository: { name: 'web', uri, immutability: settings('IMMUTABLE_WITH_EXCLUSION', 'prod-*') },
    tags: ['main-3035eca'],
    images: [['web', `${uri}:main-3035eca`]]
  }

  test.each(['prod-current', 'staging', 'v1'])('%s is a marker', text => {
    expect(parseMarker(text)).toBe(text)
  })

  test.each(['1.4.2', 'v1.4.2-rc.1', 'a b', '-x'])('%s is none', text => {
    expect(() => parseMarker(text)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })

  test('is fine where it can move and nobody runs it', () => {
    expect(() => {
      refuseMarker(scene)
    }).not.toThrow()
    expect(() => {
      refuseMarker({ ...scene, images: [['web', `other/web:prod-current`]] })
    }).not.toThrow()
  })

  test.each<[string, Partial<MarkerScene>, RegExp]>([
    ['is a tag of the image', { tags: ['main-3035eca', 'prod-current'] }, /gets for good/],
    ['is what a container runs', { images: [['proxy', `${uri}:prod-current`]] }, /proxy would run .*a marker moves/],
    ['stands beside a digest', { images: [['web', `${uri}:prod-current@sha256:0`]] }, /a marker moves/],
    [
      'may not move',
      { repository: { name: 'web', uri, immutability: settings('IMMUTABLE') } },
      /does not let the marker/
    ]
  ])('is refused when it %s', (_, changes, sentence) => {
    expect(() => {
      refuseMarker({ ...scene, ...changes })
    }).toThrow(expect.objectContaining({ code: 'marker-tag', message: expect.stringMatching(sentence) as unknown }))
  })

  test.each([
    ['IMMUTABLE', [], ['prod-current']],
    ['IMMUTABLE_WITH_EXCLUSION', ['dev-*'], ['dev-*', 'prod-current']],
    ['MUTABLE_WITH_EXCLUSION', ['prod-*'], ['prod-current']]
  ])('the remedy for %s would help', (mode, filters, expected) => {
    const repository = { name: 'web', uri, immutability: settings(mode, ...filters) }
    expect(() => {
      refuseMarker({ ...scene, repository })
    }).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining(`filter=${expected.at(-1) ?? ''}'`) as unknown })
    )
    expect(tagCanMove(settings('IMMUTABLE_WITH_EXCLUSION', ...expected), 'prod-current')).toBe(true)
  })
})
