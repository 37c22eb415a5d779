import { describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { withTables } from '../scripts/tables.ts'

const ACTION = 'ecs-deploy/ecs-deploy-action@v1'
const WORKFLOW = 'ecs-deploy/ecs-deploy-action/.github/workflows/deploy.yml@v1'

const readme = readFileSync('README.md', 'utf8')
const iam = readFileSync('docs/iam.md', 'utf8')
const actionYml = readFileSync('action.yml', 'utf8')
const action = parse(actionYml) as {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
}

/** The prefix of a port's calls in a policy. */
const PREFIXES: Readonly<Record<string, string>> = {
  'alarms.ts': 'cloudwatch',
  'ecr.ts': 'ecr',
  'repository.ts': 'ecr',
  'scan.ts': 'ecr',
  'ecs.ts': 'ecs',
  'logs.ts': 'logs',
  'scaling.ts': 'application-autoscaling'
}

function readSource(file: string): string {
  return readFileSync(`src/io/aws/${file}`, 'utf8')
}

/** The code blocks of a language in a Markdown text. */
function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block)
}

/** Everything in a document that names `uses` as what it runs. */
function usersOf(document: unknown, uses: string): readonly Readonly<Record<string, unknown>>[] {
  if (typeof document !== 'object' || document === null) return []
  const inside = Object.values(document).flatMap(value => usersOf(value, uses))
  return 'uses' in document && document.uses === uses ? [{ ...document }, ...inside] : inside
}

function inputsOf(user: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(user['with'] as object)
}

describe('the README', () => {
  test('has the tables that action.yml gives', async () => {
    if ((await withTables(readme, actionYml)) !== readme) {
      throw new Error('the tables of README.md are not those of action.yml: run npm run readme')
    }
  })

  test('gives the two commands', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly scripts: object }
    const commands = blocks(readme, 'sh')
    expect(commands).toEqual(['npm ci && npm run demo\n', 'npm ci && npm test\n'])
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'simulator', 'readme']))
  })

  test('uses the action with inputs and outputs that it has', () => {
    const users = blocks(readme, 'yaml').flatMap(block => usersOf(parse(block), ACTION))
    expect(users.length).toBeGreaterThan(1)
    for (const user of users) expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining([...inputsOf(user)]))
    const outputs = [...readme.matchAll(/steps\.deploy\.outputs\.([\w-]+)/g)].map(([, name = '']) => name)
    expect(outputs).not.toEqual([])
    expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(outputs))
  })

  test('calls the reusable workflow with inputs that it has', () => {
    const [user, ...others] = blocks(readme, 'yaml').flatMap(block => usersOf(parse(block), WORKFLOW))
    expect(others).toEqual([])
    const { on } = parse(readFileSync('.github/workflows/deploy.yml', 'utf8')) as {
      readonly on: { readonly workflow_call: { readonly inputs: object } }
    }
    expect(Object.keys(on.workflow_call.inputs)).toEqual(expect.arrayContaining([...inputsOf(user ?? {})]))
  })

  test('explains the outcomes that there are', () => {
    const [, section = ''] = /^## Outcomes\n(.*?)^## /ms.exec(readme) ?? []
    const explained = [...section.matchAll(/^\| `([\w-]+)` +\|/gm)].map(([, name]) => name)
    const declared = [...(action.outputs['outcome']?.description ?? '').matchAll(/`([\w-]+)`/g)].map(([, name]) => name)
    expect(explained).toEqual(['outcome', ...declared])
  })

  test.each(['README.md', 'docs/iam.md', 'docs/checks.md'])('links from %s to files that there are', path => {
    const links = [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link)
    expect(links.filter(link => !existsSync(join(dirname(path), link)))).toEqual([])
  })
})

describe('the IAM policy', () => {
  test('is JSON', () => {
    for (const block of blocks(iam, 'json')) expect(() => JSON.parse(block) as unknown).not.toThrow()
  })

  test('has every call that the action makes', () => {
    const ports = readdirSync('src/io/aws').filter(file => /new \w+Client\(/.test(readSource(file)))
    // A port to another service has to be written down there, too.
    expect(ports.filter(file => !(file in PREFIXES))).toEqual([])
    const calls = ports.flatMap(file =>
      [...readSource(file).matchAll(/new (\w+)Command\(/g)].map(([, name = '']) => `${PREFIXES[file] ?? ''}:${name}`)
    )
    expect(calls.length).toBeGreaterThan(15)
    expect(calls.filter(call => !iam.includes(call))).toEqual([])
  })
})
