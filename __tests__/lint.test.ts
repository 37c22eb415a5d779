import { describe, expect, test } from '@jest/globals'
import { ESLint } from 'eslint'

// Rules that need types are left out here: they would need every made-up path to be a file of the project.
const linter = new ESLint({
  cwd: process.cwd(),
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => ruleId.includes('restricted')
})

async function findings(path: string, code: string): Promise<readonly string[]> {
  const [result] = await linter.lintText(code, { filePath: path })
  return result?.messages.map(message => message.ruleId ?? message.message) ?? []
}

const IMPORT = '@typescript-eslint/no-restricted-imports'

describe('refused imports', () => {
  test.each([
    ['src/decide/verdict.ts', 'node:fs'],
    ['src/decide/verdict.ts', 'fs'],
    ['src/decide/image/tags.ts', 'node:crypto'],
    ['src/decide/verdict.ts', '@actions/core'],
    ['src/decide/service/verdict.ts', '@aws-sdk/client-ecs'],
    ['src/decide/verdict.ts', '../io/clock.ts'],
    ['src/decide/service/verdict.ts', '../../io/aws/ecs.ts'],
    ['src/decide/service/verdict.ts', '../../steps/roll-back.ts'],
    ['src/decide/service/verdict.ts', '../../modes/deploy.ts'],
    ['src/decide/service/verdict.ts', '../../report/summary.ts'],
    ['src/decide/service/verdict.ts', '../../world.ts'],
    ['src/decide/task/render.ts', '@aws-sdk/client-ecs'],
    ['src/decide/task/render.ts', 'node:path'],
    ['src/report/summary.ts', 'node:fs'],
    ['src/report/summary.ts', '@actions/core'],
    ['src/report/summary.ts', '../io/clock.ts'],
    ['src/report/summary.ts', '../steps/roll-back.ts'],
    ['src/io/aws/ecs.ts', '../../steps/roll-back.ts'],
    ['src/io/aws/ecs.ts', '../../modes/deploy.ts'],
    ['src/io/clock.ts', '../report/summary.ts'],
    ['src/io/clock.ts', '../world.ts'],
    ['src/steps/roll-back.ts', '../io/clock.ts'],
    ['src/steps/roll-back.ts', '@actions/core'],
    ['src/steps/roll-back.ts', '@aws-sdk/client-ecs'],
    ['src/steps/roll-back.ts', '../report/summary.ts'],
    ['src/steps/roll-back.ts', '../modes/deploy.ts'],
    ['src/modes/deploy.ts', '../io/clock.ts'],
    ['src/modes/deploy.ts', '../world.ts'],
    ['src/modes/deploy.ts', '@actions/github'],
    ['src/modes/deploy.ts', '../report/summary.ts'],
    ['src/world.ts', './steps/roll-back.ts'],
    ['src/world.ts', './modes/deploy.ts'],
    ['src/world.ts', './decide/verdict.ts'],
    ['src/main.ts', '../simulator/server.ts'],
    ['src/io/clock.ts', '../../simulator/server.ts'],
    ['simulator/server.ts', '../src/failure.ts'],
    ['simulator/cloud/ecs/ecs.ts', '../../../src/decide/verdict.ts'],
    ['simulator/server.ts', '@aws-sdk/client-ecs'],
    ['simulator/server.ts', '@actions/core']
  ])('%s from %s', async (path, specifier) => {
    expect(await findings(path, `import { thing } from '${specifier}'\nthing()\n`)).toContain(IMPORT)
    expect(await findings(path, `export { thing } from '${specifier}'\n`)).toContain(IMPORT)
  })

  test.each([
    ['src/decide/service/verdict.ts', '../../io/aws/ecs.ts'],
    ['src/decide/service/verdict.ts', '@aws-sdk/client-ecs'],
    ['src/report/summary.ts', '../world.ts'],
    ['src/steps/roll-back.ts', '@aws-sdk/client-ecs'],
    ['simulator/server.ts', '../src/failure.ts']
  ])('%s from %s, even as a type', async (path, specifier) => {
    expect(await findings(path, `import type { Thing } from '${specifier}'\n`)).toContain(IMPORT)
  })

  test.each(['src/decide/verdict.ts', 'src/report/summary.ts', 'src/steps/roll-back.ts', 'src/modes/deploy.ts'])(
    '%s by a dynamic import',
    async path => {
      expect(await findings(path, `await import('node:fs')\n`)).toEqual(['no-restricted-syntax'])
    }
  )
})

describe('allowed imports', () => {
  test.each([
    ['src/decide/service/verdict.ts', `import { Failure } from '../../failure.ts'`],
    ['src/decide/service/verdict.ts', `import { readProgress } from './progress.ts'`],
    ['src/decide/task/render.ts', `import { parseImageReference } from '../image/reference.ts'`],
    ['src/decide/task/render.ts', `import type { TaskDefinition } from '@aws-sdk/client-ecs'`],
    ['src/decide/task/document.ts', `import { parseDocument } from 'yaml'`],
    ['src/decide/version/bump.ts', `import { inc } from 'semver'`],
    ['src/decide/version/highest.ts', `import rcompare from 'semver/functions/rcompare.js'`],
    ['src/report/summary.ts', `import type { Event } from '../event.ts'`],
    ['src/report/summary.ts', `import { formatImageReference } from '../decide/image/reference.ts'`],
    ['src/io/aws/ecs.ts', `import { ECSClient } from '@aws-sdk/client-ecs'`],
    ['src/io/docker.ts', `import { spawn } from 'node:child_process'`],
    ['src/io/docker.ts', `import { parseImageReference } from '../decide/image/reference.ts'`],
    ['src/steps/roll-back.ts', `import type { EcsPort } from '../io/aws/ecs.ts'`],
    ['src/steps/roll-back.ts', `import type { World } from '../world.ts'`],
    ['src/steps/roll-back.ts', `import { decideVerdict } from '../decide/service/verdict.ts'`],
    ['src/modes/deploy.ts', `import { rollBack } from '../steps/roll-back.ts'`],
    ['src/modes/deploy.ts', `import type { DeployInputs } from '../inputs.ts'`],
    ['src/world.ts', `import { createClock } from './io/clock.ts'`],
    ['src/main.ts', `import { createWorld } from './world.ts'`],
    ['simulator/server.ts', `import { createServer } from 'node:http'`],
    ['simulator/cloud/ecs/ecs.ts', `import type { Service } from '@aws-sdk/client-ecs'`]
  ])('%s: %s', async (path, code) => {
    expect(await findings(path, `${code}\n`)).toEqual([])
  })
})

describe('what is pure reaches nothing outside', () => {
  const rooms = ['src/decide/verdict.ts', 'src/report/summary.ts', 'simulator/cloud/ecs/ecs.ts']
  const acts = [
    'Date.now()',
    "Date['now']()",
    'new Date()',
    'Date()',
    'setTimeout(act, 1)',
    'setInterval(act, 1)',
    'performance.now()',
    'Math.random()',
    'process.env',
    'globalThis.process',
    'fetch(url)',
    'console.log(text)'
  ]
  test.each(rooms.flatMap(path => acts.map(act => [path, act] as const)))('%s: %s', async (path, act) => {
    expect(await findings(path, `export const seen = ${act}\n`)).not.toEqual([])
  })

  test('a date made from data is fine', async () => {
    expect(await findings('src/report/timeline.ts', 'export const at = (ms: number) => new Date(ms)\n')).toEqual([])
  })
})

describe('time is a port', () => {
  test.each(['src/main.ts', 'src/steps/watch-deployment.ts', 'src/modes/deploy.ts'])('%s', async path => {
    expect(await findings(path, 'export const now = Date.now()\n')).toEqual(['no-restricted-syntax'])
    expect(await findings(path, 'setTimeout(act, 1)\n')).toEqual(['no-restricted-globals'])
  })

  test('io/ implements it', async () => {
    expect(await findings('src/io/clock.ts', 'setTimeout(act, Date.now())\n')).toEqual([])
  })
})

test.each([
  ['test', 'skip'],
  ['jest', 'unstable_mockModule']
])('no test is left out and no module replaced: %s.%s', async (object, method) => {
  const code = `${object}.${method}('x', () => ({}))\n`
  expect(await findings('__tests__/decide/verdict.test.ts', code)).toEqual(['no-restricted-properties'])
})

test('a switch that forgets a case and a promise nobody waits for are errors', async () => {
  const code = `export function act(phase: 'draining' | 'gone', later: () => Promise<void>) {
  later()
  switch (phase) {
    case 'draining':
      return 1
  }
}
`
  // Rules that need types only work on a path that is part of the project: the text stands in for that file's own.
  const [result] = await new ESLint().lintText(code, { filePath: 'src/failure.ts' })
  const rules = result?.messages.map(message => message.ruleId)
  expect(rules).toContain('@typescript-eslint/switch-exhaustiveness-check')
  expect(rules).toContain('@typescript-eslint/no-floating-promises')
})
