import { describe, expect, test } from '@jest/globals'
import { readInputs } from '../../src/inputs.ts'
import type { InputName } from '../../src/inputs/defaults.ts'
import { environmentOf, problemsOf } from './environment.ts'

type Given = Partial<Record<InputName, string>>

const LINES = 'docker.io/library/nginx:1.27.3 -> mirror/nginx\n123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1.0.0'

function read(inputs: Given): ReturnType<typeof readInputs> {
  return readInputs(environmentOf({ mode: 'mirror', mirror: LINES, ...inputs }))
}

describe('inputs of mode mirror', () => {
  test('are lines and a login', () => {
    expect(read({ 'source-username': 'me', 'source-password': 'secret' })).toMatchObject({
      mode: 'mirror',
      dryRun: false,
      lines: [{ tag: '1.27.3' }, { tag: '1.0.0' }],
      login: { username: 'me', password: 'secret' }
    })
    expect(read({})).toMatchObject({ createsRepository: false, login: undefined })
    expect(read({ 'create-repository': 'true' })).toMatchObject({ createsRepository: true })
  })

  test.each<readonly [Given, string]>([
    [{ mirror: '' }, 'there is nothing to mirror'],
    [{ mirror: '# nothing' }, 'there is nothing to mirror'],
    [{ mirror: 'nginx' }, 'without a tag it would mean latest'],
    [{ 'source-username': 'me' }, 'give both or neither'],
    [{ 'source-password': 'secret' }, 'give both or neither'],
    [{ service: 'web' }, 'input service means nothing in mode mirror']
  ])('%j is refused', (inputs, sentence) => {
    expect(problemsOf(() => read(inputs))).toEqual([expect.stringContaining(sentence)])
  })

  test('give a password to one registry alone', () => {
    const mirror = 'nginx:1.27.3\nquay.io/a/b:1.0.0'
    const problems = problemsOf(() => read({ mirror, 'source-username': 'me', 'source-password': 'secret' }))
    expect(problems).toEqual([expect.stringContaining('the sources are in docker.io, quay.io')])
    expect(problems.join()).not.toContain('secret')
  })

  test('are refused in other modes', () => {
    const inputs = environmentOf({ service: 'web', mirror: LINES })
    expect(problemsOf(() => readInputs(inputs))).toEqual([
      expect.stringContaining('input mirror means nothing in mode deploy')
    ])
  })
})
