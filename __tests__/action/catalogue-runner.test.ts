import { describe, expect, test } from '@jest/globals'
import type { Behaviour } from '../../simulator/cloud/images.ts'
import { commit, deploy, type Deployed } from './harness.ts'
import { shop, WEB } from './shop.ts'

/** What nobody may read in a log, on a page or in an output. */
const SECRET = 'postgres://app:hunter22@db/main'

/** A run of the action that deploys an image which behaves like this. */
function deployBad(behaviour: Behaviour): Promise<Deployed> {
  const inputs = { ...WEB, 'environment-variables': `DATABASE_URL=${SECRET}` }
  return deploy(shop({ images: [{ tags: ['main-3333333'], behaviour }] }), inputs, { sha: commit(3) })
}

describe('a failed deployment, as it is seen on GitHub', () => {
  test.concurrent('tells why, what to do and what was said, everywhere in this order', async () => {
    const run = await deployBad({
      crash: { exitCode: 3, afterSeconds: 2 },
      logs: ['starting', `no answer from ${SECRET}`]
    })
    const reason = /^web:2 failed: (\d+) of \1 tasks: container web exited with code 3; web is back on web:1, and /
    const remedy = "What to do: read the end of the container's log: it ended by itself"
    expect(run.outputs).toMatchObject({ outcome: 'rolled-back', 'reason-code': 'container-exited' })
    expect(run.outputs['reason']).toMatch(reason)
    expect(run.annotations).toMatchObject([{ level: 'error', message: `${run.outputs['reason'] ?? ''}\n${remedy}` }])
    const ending = run.log.slice(run.log.indexOf('== Outcome: rolled-back (container-exited)') + 1)
    expect(ending.slice(0, 6).map(line => line.trimStart())).toEqual([
      expect.stringMatching(reason),
      remedy,
      expect.stringMatching(/^task [0-9a-f]{32} \(and \d+ like it\): EssentialContainerExited · /),
      expect.stringMatching(/^container web of task [0-9a-f]{32} logged last, in \/ecs\/web:$/),
      '| starting',
      '| no answer from ${DATABASE_URL}'
    ])
    expect(run.summary).toContain('no answer from &#36;{DATABASE&#95;URL}')
    // The runner itself shows the inputs of a step before it starts.
    const own = run.log.slice(run.log.findIndex(line => line.startsWith('== ')))
    expect([...own, run.summary, JSON.stringify(run.outputs)].join('\n')).not.toContain('hunter22')
  })

  test.concurrent.each([
    [
      'a missing key',
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key PASSWORD',
      'secret-unavailable',
      ': a secret has no JSON key PASSWORD; '
    ],
    [
      'a missing program',
      'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH: unknown',
      'bad-entrypoint',
      ': container web could not be started: "serve" is not in the image; '
    ]
  ])('names %s', async (_, reason, code, words) => {
    const run = await deployBad({ stop: { stopCode: 'TaskFailedToStart', reason } })
    expect(run.outputs).toMatchObject({ outcome: 'rolled-back', 'reason-code': code })
    expect(run.outputs['reason']).toContain(words)
  })
})
