import { describe, expect, test } from '@jest/globals'
import { commit, deploy, type Deployed } from './harness.ts'
import { FARGATE, shop, WEB } from './shop.ts'

/** Texts that a runner or a browser would act on if they were printed as they are. */
const COMMANDS = [
  '::error::forged',
  '::set-output name=outcome::forged',
  '##[add-mask]succeeded',
  '::stop-commands::token123456',
  '::add-mask::web',
  '%0A::warning::forged'
]
const HOSTILE = COMMANDS.flatMap(command => [
  command,
  `text\n${command}`,
  `text\r${command}`,
  `text\u2028${command}`
]).join('\n')
const MARKUP = '<img src=x onerror=alert(1)> `code` | cell | **bold** [link](https://evil.example) @octocat #1 ![i](x)'

function expectNothingActed(run: Deployed): void {
  for (const { level, message, title } of run.annotations) {
    expect(title ?? 'none').not.toContain('forged')
    expect(level === 'error' && message === 'forged').toBe(false)
  }
  expect(run.annotations.filter(({ level }) => level === 'error').length).toBeLessThanOrEqual(1)
  expect(run.outputs['outcome']).not.toContain('forged')
  expect(run.masks).toEqual([])
  expect(run.text).toContain('== Outcome: ')
  expect(run.summary).not.toMatch(/<img|\]\(https|\*\*bold|(?<!\\)`code`/)
}

describe('text from outside does not act', () => {
  test.concurrent('as a stop reason', async () => {
    const behaviour = { stop: { stopCode: 'TaskFailedToStart', reason: `${HOSTILE}\n${MARKUP}` } }
    const run = await deploy(shop({ images: [{ tags: ['main-3333333'], behaviour }] }), WEB, { sha: commit(3) })
    expect(run.outputs['outcome']).toBe('rolled-back')
    expectNothingActed(run)
  })

  test.concurrent('as what a container says and logs', async () => {
    const behaviour = {
      stop: {
        stopCode: 'EssentialContainerExited',
        reason: 'Essential container in task exited',
        container: { exitCode: 3, reason: `CannotStartContainerError: ${HOSTILE}\n${MARKUP}` }
      },
      logs: [...HOSTILE.split('\n'), MARKUP]
    }
    const run = await deploy(shop({ images: [{ tags: ['main-3333333'], behaviour }] }), WEB, { sha: commit(3) })
    expect(run.outputs).toMatchObject({ outcome: 'rolled-back', 'reason-code': 'task-failed-to-start' })
    expect(run.text).toContain('| ##\\[add-mask]succeeded')
    expectNothingActed(run)
  })

  test.concurrent('as an event of the service', async () => {
    const reason = `ResourceInitializationError: ${HOSTILE}\n${MARKUP}`
    const behaviour = { stop: { stopCode: 'TaskFailedToStart', reason } }
    const run = await deploy(shop({ images: [{ tags: ['main-3333333'], behaviour }] }), WEB, {
      sha: commit(3),
      faults: [{ operation: 'ecs:DescribeTasks', error: 'AccessDeniedException', message: HOSTILE, times: 'always' }]
    })
    // What runs after the rollback cannot be proven then.
    expect(run.outputs['outcome']).toBe('failed')
    expect(run.text).toContain('ecs: was unable to place a task. Reason: ResourceInitializationError: ')
    expectNothingActed(run)
  })

  test.concurrent('as what somebody says who stops a task', async () => {
    const run = await deploy(shop(), WEB, {
      when: {
        says: '== Watching',
        then: ({ simulator }) => simulator.change({ stopTask: { cluster: 'prod', service: 'web', reason: HOSTILE } })
      }
    })
    expect(run.outputs['outcome']).toBe('succeeded')
    expectNothingActed(run)
  })

  test.concurrent('as an error message of AWS while it watches', async () => {
    const message = `${HOSTILE}\n${MARKUP}`
    const run = await deploy(shop(), WEB, {
      faults: [{ operation: 'ecs:ListServiceDeployments', error: 'ClientException', message, times: 3 }]
    })
    expect(run.outputs['outcome']).toBe('succeeded')
    expectNothingActed(run)
  })

  test.concurrent.each(COMMANDS)('as an error message of AWS: %s', async command => {
    const message = `${command} ${MARKUP}\n${command}`
    const run = await deploy(shop(), WEB, {
      faults: [{ operation: 'ecs:RegisterTaskDefinition', error: 'ClientException', message }]
    })
    expect(run.outputs['outcome']).toBe('rejected')
    expectNothingActed(run)
  })

  test.concurrent('as the name of a branch', async () => {
    const branch = 'x"$(touch${IFS}pwned)`touch${IFS}pwned`/##[add-mask]web/<b>%0A::error::forged'
    const run = await deploy(
      shop({ images: [{ tags: ['hand-made'] }] }),
      { ...WEB, image: 'hand-made' },
      {
        sha: commit(4),
        ref: `refs/heads/${branch}`
      }
    )
    expect(run.outputs).toMatchObject({ outcome: 'succeeded' })
    expect(JSON.parse(run.outputs['image-tags'] ?? '')).toEqual([expect.stringMatching(/^[\w][\w.-]*-4444444$/)])
    expectNothingActed(run)
  })

  test.concurrent('as an input', async () => {
    const run = await deploy(shop(), {
      cluster: '::error::forged',
      service: `${MARKUP} ##[add-mask]web`,
      image: HOSTILE
    })
    expect(run.outputs['outcome']).toBe('invalid')
    expectNothingActed(run)
  })

  test.concurrent('as a member of a task definition', async () => {
    const container = { name: 'web', image: 'x', environment: [{ name: '##[add-mask]web', value: '::error::forged' }] }
    const files = {
      'task.json': JSON.stringify({ ...FARGATE, '::error::forged': 1, containerDefinitions: [container] })
    }
    const inputs = { ...WEB, 'task-definition': 'task.json', repository: 'web' }
    const run = await deploy(shop({ newMembers: ['ecs:RegisterTaskDefinition.::error::forged'] }), inputs, { files })
    expectNothingActed(run)
  })

  test.concurrent('as the name of a file', async () => {
    const run = await deploy(shop(), { ...WEB, 'task-definition': '::error::forged ##[add-mask]web.json' })
    expect(run.outputs['outcome']).toBe('invalid')
    expectNothingActed(run)
  })
})
