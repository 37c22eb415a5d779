import { describe, expect, test } from '@jest/globals'
import type { GuardInputs } from '../../src/inputs/guard.ts'
import { environmentOf, problemsOf, readDeployInputs } from './environment.ts'

function read(inputs: Parameters<typeof environmentOf>[0]): GuardInputs {
  return readDeployInputs(environmentOf({ service: 'web', ...inputs })).image.guard
}

function problems(inputs: Parameters<typeof environmentOf>[0]): readonly string[] {
  return problemsOf(() => read(inputs))
}

describe('inputs about the repository and the scan', () => {
  test('are read together', () => {
    expect(
      read({
        context: '.',
        'marker-tag': 'prod-current',
        'tag-immutability': 'enforce',
        'create-repository': 'true',
        scan: 'wait',
        'scan-severity': 'HIGH'
      })
    ).toEqual({ marker: 'prod-current', immutability: 'enforce', createsRepository: true, scan: 'HIGH' })
    expect(read({ scan: 'wait' }).scan).toBe('CRITICAL')
  })

  test.each<[string, Parameters<typeof environmentOf>[0], RegExp]>([
    ['a marker that is a version', { 'marker-tag': '1.4.2' }, /looks like a version/],
    ['a marker that is no tag', { 'marker-tag': 'prod/current' }, /no legal image tag/],
    ['a marker that is to stay as well', { 'marker-tag': 'a1', tags: 'b1,a1' }, /marker-tag and tags both have 'a1'/],
    ['a marker without a service', { service: '', 'task-definition': 'a.json', 'marker-tag': 'a1' }, /without service/],
    ['a severity without the gate', { 'scan-severity': 'HIGH' }, /means nothing unless scan is 'wait'/],
    ['an unknown severity', { scan: 'wait', 'scan-severity': 'high' }, /'high'/],
    ['a repository for nothing', { 'create-repository': 'true' }, /means nothing without context/],
    ['a word that is no answer', { 'tag-immutability': 'yes' }, /allowed: warn, require, enforce, ignore/]
  ])('refuse %s', (_, inputs, sentence) => {
    expect(problems(inputs)).toEqual([expect.stringMatching(sentence)])
  })
})
