import { describe, expect, test } from '@jest/globals'
import { evaluateValues, findActionStep, resolveCallInputs } from '../../../simulator/runner/workflow.ts'

const WORKFLOW = `
on:
  workflow_call:
    inputs:
      service: { type: string, required: true }
      dry-run: { type: boolean }
      minutes: { type: number, default: 15 }
      cluster: { type: string, default: main }
    secrets: { token: {} }
env: { LEVEL: workflow, KEEP: kept }
jobs:
  deploy:
    runs-on: ubuntu-24.04
    env: { LEVEL: job }
    steps:
      - uses: actions/checkout@v5
      - id: deploy
        uses: octo/deploy@0123456 # v1.0.0
        env: { LEVEL: step }
        with:
          service: \${{ inputs.service }}
          cluster: \${{ inputs.cluster || vars.CLUSTER }}
          dry-run: \${{ inputs.dry-run }}
          wait-for-minutes: \${{ inputs.minutes }}
          github-token: \${{ secrets.token || github.token }}
          summary: false
          max-parallel: 5
          comment:
      - run: echo done
`

test('the step is found and its values are evaluated as the action gets them', () => {
  const step = findActionStep(WORKFLOW, 'octo/Deploy')
  expect(step).toMatchObject({ job: 'deploy', id: 'deploy', uses: 'octo/deploy@0123456' })
  expect(step.env).toEqual({ LEVEL: 'step', KEEP: 'kept' })
  const inputs = resolveCallInputs(WORKFLOW, { service: 'web', cluster: '' })
  const contexts = { inputs, vars: { CLUSTER: 'prod' }, secrets: {}, github: { token: 'ghs' } }
  expect(evaluateValues(step.with, contexts)).toEqual({
    service: 'web',
    cluster: 'prod',
    'dry-run': 'false',
    'wait-for-minutes': '15',
    'github-token': 'ghs',
    summary: 'false',
    'max-parallel': '5',
    comment: ''
  })
})

test('a step that is missing or not the only one is an error naming what is there', () => {
  expect(() => findActionStep(WORKFLOW, './')).toThrow(
    "0 steps use './'; the workflow's steps use actions/checkout@v5, octo/"
  )
  const twice = 'jobs: { a: { steps: [{ uses: ./ }, { uses: ./ }] } }'
  expect(() => findActionStep(twice, './')).toThrow("2 steps use './'")
})

describe('inputs of a called workflow', () => {
  test('take defaults, or the empty value of their type', () => {
    expect(resolveCallInputs(WORKFLOW, { service: 'web' })).toEqual({
      service: 'web',
      'dry-run': false,
      minutes: 15,
      cluster: 'main'
    })
  })

  test.each([
    [{}, "input 'service' is required"],
    [{ service: 'web', 'dry-run': 'true' }, `input 'dry-run' takes a boolean, not "true"`],
    [{ service: 'web', nope: 1 }, "no input 'nope'; the workflow has service, dry-run, minutes, cluster"]
  ])('are checked: %j', (given, message) => {
    expect(() => resolveCallInputs(WORKFLOW, given)).toThrow(message)
  })
})
