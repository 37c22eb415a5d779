import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { deploy } from './harness.ts'
import { digestOf, runningDigests, shop, WEB } from './shop.ts'

interface Workflow {
  readonly on: { readonly workflow_call: { readonly inputs: Readonly<Record<string, { readonly default?: unknown }>> } }
  readonly jobs: {
    readonly deploy: {
      readonly steps: readonly { readonly id?: string; readonly with?: Readonly<Record<string, string>> }[]
    }
  }
}

const workflow = parse(readFileSync('.github/workflows/deploy.yml', 'utf8')) as Workflow

/** What the runner hands to the step that deploys when the workflow is called with these inputs and no secrets. */
function stepInputs(given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const step = workflow.jobs.deploy.steps.find(({ id }) => id === 'deploy')
  const declared = workflow.on.workflow_call.inputs
  const values = Object.entries(step?.with ?? {}).map(([name, expression]) => {
    const [, context, key = ''] = /^\$\{\{ (inputs|secrets)\.([\w-]+) \}\}$/.exec(expression) ?? []
    return [name, context === 'inputs' ? String(given[key] ?? declared[key]?.default) : ''] as const
  })
  return Object.fromEntries(values)
}

test('the reusable workflow deploys with nothing given but the service', async () => {
  const run = await deploy(shop(), stepInputs({ ...WEB, 'poll-seconds': 0.1 }))
  expect(run.exitCode).toBe(0)
  expect(run.outputs['outcome']).toBe('succeeded')
  expect(runningDigests(run.cloud)).toEqual({ web: digestOf(run.cloud, 'web', 'main-2222222') })
})
