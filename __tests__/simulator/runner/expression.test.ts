import { describe, expect, test } from '@jest/globals'
import { evaluateCondition, evaluateTemplate } from '../../../simulator/runner/expression.ts'

const contexts = {
  inputs: { cluster: 'prod', 'dry-run': true, count: 3, empty: '' },
  github: { ref: 'refs/heads/main', event: { number: 7 } }
}

describe('evaluateTemplate', () => {
  test.each([
    ['no expression', 'no expression'],
    ['${{ inputs.cluster }}', 'prod'],
    ['${{ inputs.dry-run }}/${{inputs.count}}', 'true/3'],
    ['${{ inputs.missing }}', ''],
    ["${{ inputs.empty || 'default' }}", 'default'],
    ["${{ inputs.dry-run && 'dry' || 'wet' }}", 'dry'],
    ["${{ github.ref == 'REFS/heads/MAIN' }}", 'true'],
    ['${{ github.event.number }}', '7'],
    ["${{ 'it''s }} here' }}!", "it's }} here!"],
    ["${{ format('{0}-{1}', inputs.cluster, 1.5) }}", 'prod-1.5']
  ])('%s', (text, value) => {
    expect(evaluateTemplate(text, contexts)).toBe(value)
  })

  test('refuses contexts that do not exist, and what is not closed', () => {
    expect(() => evaluateTemplate('${{ secrets.x }}', contexts)).toThrow('secrets')
    expect(() => evaluateTemplate('a ${{ inputs.x', contexts)).toThrow('the expression is not closed: ${{ inputs.x')
  })
})

describe('evaluateCondition', () => {
  test.each([
    ['always()', 'cancelled', true],
    ['success()', 'success', true],
    ['success()', 'failure', false],
    ['failure()', 'failure', true],
    ['${{ !cancelled() }}', 'cancelled', false],
    ["always() && inputs.cluster == 'dev'", 'success', false],
    ['inputs.empty', 'success', false],
    ['inputs.cluster', 'failure', true]
  ] as const)('%s after %s', (condition, status, holds) => {
    expect(evaluateCondition(condition, contexts, status)).toBe(holds)
  })
})
