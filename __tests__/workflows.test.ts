import { beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import { parse } from 'yaml'
import { type WorkflowValidator, createWorkflowValidator } from './support/workflow-validator.ts'

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[]
}

interface Workflow {
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

interface Reusable {
  readonly on: { readonly workflow_call: { readonly inputs: Readonly<Record<string, { readonly default?: unknown }>> } }
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
}

const DEPLOY = '.github/workflows/deploy.yml'
const paths = readdirSync('.github/workflows').map(name => `.github/workflows/${name}`)
const read = (path: string) => readFileSync(path, 'utf8')

// A reusable workflow is called for one deployment of the commit that called it, by people who start afresh.
const NOT_PASSED_ON = [
  'mode',
  'sha',
  'ref',
  'task-definition-arn',
  'task-definition-family',
  'task-definition-revision',
  'keep-null-value-keys',
  'wait-max-delay-seconds',
  'mirror',
  'source-username',
  'source-password',
  'files',
  'check',
  'summary'
]

let validator: WorkflowValidator
beforeAll(async () => {
  validator = await createWorkflowValidator()
})

describe.each([...paths, 'action.yml'])('%s', path => {
  test('holds only what GitHub and the actions in it know', async () => {
    expect(await validator.findings(path, read(path))).toEqual([])
  })
})

describe.each(paths)('%s', path => {
  test('pins every action by commit, with its version beside it', () => {
    const uses =
      read(path)
        .match(/^ +(- )?uses: .+/gm)
        ?.map(line => line.replace(/^[ -]+/, '')) ?? []
    const foreign = uses.filter(line => !line.includes('ecs-deploy/ecs-deploy-action@v1'))
    for (const line of foreign) expect(line).toMatch(/^uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test('grants nothing at the top, and a reason with every grant', () => {
    const workflow = parse(read(path)) as Workflow
    expect(workflow.permissions).toEqual({})
    const grants = Object.values(workflow.jobs).flatMap(job => Object.keys(job.permissions ?? {}))
    const explained = read(path).match(/^ {6}[\w-]+: (read|write) # \S.+$/gm) ?? []
    expect(explained).toHaveLength(grants.length)
  })
})

describe('the validator bites', () => {
  test.each([
    ['an input that does not exist', '          cluster: ${{', '          clutser: ${{', 'clutser'],
    ['an output that does not exist', 'steps.deploy.outputs.image-digest', 'steps.deploy.outputs.digest', 'digest'],
    ['a workflow input that does not exist', 'inputs.container-name', 'inputs.container', 'container'],
    ['a job output that does not exist', 'jobs.deploy.outputs.changed', 'jobs.deploy.outputs.change', 'change'],
    ['a permission that does not exist', 'id-token: write # to', 'id-tokens: write # to', 'id-tokens']
  ])('on %s', async (_what, right, wrong, named) => {
    const text = read(DEPLOY)
    expect(text).toContain(right)
    const findings = await validator.findings(DEPLOY, text.replace(right, wrong))
    expect(findings).toEqual(expect.arrayContaining([expect.stringContaining(named)]))
  })

  test('on a runtime that does not exist in action.yml', async () => {
    expect(await validator.findings('action.yml', read('action.yml').replace('node24', 'node23'))).not.toEqual([])
  })
})

describe('the reusable workflow', () => {
  const { inputs } = (parse(read(DEPLOY)) as Reusable).on.workflow_call
  const action = parse(read('action.yml')) as Action
  const [step] = Object.values((parse(read(DEPLOY)) as Workflow).jobs).flatMap(job =>
    job.steps.filter(({ uses }) => uses?.startsWith('ecs-deploy/'))
  )
  const passed = Object.entries(step?.with ?? {})

  test('passes every input on under its own name', () => {
    for (const [name, value] of passed)
      expect(value).toMatch(new RegExp(`^\\$\\{\\{ (inputs|secrets)\\.${name} \\}\\}$`))
    const own = ['environment', 'runs-on', 'role-to-assume', 'aws-region']
    expect(passed.map(([name]) => name).filter(name => name in inputs)).toEqual(
      Object.keys(inputs).filter(name => !own.includes(name))
    )
  })

  test('has every input of the action that can mean something there', () => {
    const left = Object.keys(action.inputs).filter(name => !passed.some(([passedOn]) => passedOn === name))
    expect(left).toEqual(NOT_PASSED_ON)
  })

  test('has the defaults of the action, since an input passed on empty has none', () => {
    const defaults = passed.filter(([name]) => name in inputs).map(([name]) => [name, String(inputs[name]?.default)])
    expect(defaults).toEqual(defaults.map(([name = '']) => [name, action.inputs[name]?.default ?? '']))
  })
})
