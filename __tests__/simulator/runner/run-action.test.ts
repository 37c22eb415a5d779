import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { runAction } from '../../../simulator/runner/run-action.ts'
import { manifestWithPost, writeAction } from './action-fixture.ts'

const PRINT_ENVIRONMENT = 'console.log(JSON.stringify(process.env))'
const APPEND =
  "import { appendFileSync } from 'node:fs'\nconst append = (file, text) => appendFileSync(process.env[file], text)\n"

describe('what the action gets', () => {
  test('a clean environment with inputs and the contexts', async () => {
    process.env['LEAKED_FROM_THE_MACHINE'] = 'yes'
    const directory = await writeAction({
      'action.yml': `
inputs: { greet-whom: { default: World }, two words: { required: true }, token: { default: '\${{ github.token }}' } }
runs: { using: node24, main: main.mjs }`,
      'main.mjs': PRINT_ENVIRONMENT
    })
    const result = await runAction({
      directory,
      inputs: { 'two words': 'a\nb' },
      env: { AWS_REGION: 'eu-west-1' },
      github: { repository: 'octo/shop', ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), token: 'ghs_1', runId: '42' }
    })
    delete process.env['LEAKED_FROM_THE_MACHINE']
    const env = JSON.parse(result.rawStdout) as Record<string, string>
    expect(env).toMatchObject({
      'INPUT_GREET-WHOM': 'World',
      INPUT_TWO_WORDS: 'a\nb',
      INPUT_TOKEN: 'ghs_1',
      AWS_REGION: 'eu-west-1',
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTION: '__self',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REPOSITORY: 'octo/shop',
      GITHUB_REPOSITORY_OWNER: 'octo',
      GITHUB_REF: 'refs/tags/v1.2.3',
      GITHUB_REF_NAME: 'v1.2.3',
      GITHUB_REF_TYPE: 'tag',
      GITHUB_RUN_ID: '42',
      GITHUB_SHA: 'a'.repeat(40),
      GITHUB_API_URL: 'https://api.github.com',
      GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
      RUNNER_ENVIRONMENT: 'github-hosted'
    })
    expect(env).not.toHaveProperty('LEAKED_FROM_THE_MACHINE')
    expect(env).not.toHaveProperty('GITHUB_TOKEN')
    expect(env).not.toHaveProperty('RUNNER_DEBUG')
    expect(result.log.join('\n')).not.toContain('ghs_1')
  })

  test('the payload of the event, the workspace as its directory, and no input to read', async () => {
    const directory = await writeAction({
      'main.mjs': `import { readFileSync } from 'node:fs'
        const payload = JSON.parse(readFileSync(process.env.GITHUB_EVENT_PATH, 'utf8'))
        const { GITHUB_WORKSPACE, GITHUB_HEAD_REF, GITHUB_BASE_REF } = process.env
        const stdin = readFileSync(0, 'utf8')
        console.log(JSON.stringify([payload.number, process.cwd() === GITHUB_WORKSPACE, GITHUB_HEAD_REF, GITHUB_BASE_REF, stdin]))`
    })
    const payload = { number: 7, pull_request: { head: { ref: 'feature' }, base: { ref: 'main' } } }
    const result = await runAction({ directory, event: { name: 'pull_request', payload } })
    expect(JSON.parse(result.rawStdout)).toEqual([7, true, 'feature', 'main', ''])
  })

  test('a chosen Node binary', async () => {
    const directory = await writeAction({ 'main.mjs': '' })
    const result = await runAction({ directory, node: '/nowhere/node' })
    expect(result).toMatchObject({ outcome: 'failure', exitCode: null })
    expect(result.annotations[0]?.message).toContain('/nowhere/node')
  })
})

describe('what the action leaves', () => {
  test('outputs, exported variables, paths, state and a summary reach the result and post', async () => {
    const directory = await writeAction({
      'action.yml': manifestWithPost(),
      'main.mjs': `${APPEND}
        append('GITHUB_OUTPUT', 'image=app:1\\nnotes<<E\\na\\nb\\nE\\n')
        append('GITHUB_ENV', 'REGION=eu-west-1\\nNODE_OPTIONS=--no\\n')
        append('GITHUB_PATH', '/opt/one\\n/opt/two\\n')
        append('GITHUB_STATE', 'scaling=suspended\\n')
        append('GITHUB_STEP_SUMMARY', '# Deployed\\npw')
        console.log('::add-mask::pw')`,
      'post.mjs': `${APPEND}
        append('GITHUB_STEP_SUMMARY', 'restored')
        const { STATE_scaling, REGION, PATH } = process.env
        console.log(JSON.stringify([STATE_scaling, REGION, PATH.startsWith('/opt/two:/opt/one:')]))`
    })
    const result = await runAction({ directory, env: { REGION: 'us-east-1' } })
    expect(result).toMatchObject({
      outcome: 'success',
      exitCode: 0,
      signal: null,
      killed: 'none',
      outputs: { image: 'app:1', notes: 'a\nb' },
      env: { REGION: 'eu-west-1' },
      path: ['/opt/one', '/opt/two'],
      state: { scaling: 'suspended' },
      summary: '# Deployed\n***\n',
      masks: ['pw']
    })
    expect(result.annotations.map(({ message }) => message)).toEqual([
      "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command."
    ])
    expect(result.post).toMatchObject({ outcome: 'success', summary: 'restored\n' })
    expect(JSON.parse(result.post?.rawStdout ?? '')).toEqual(['suspended', 'eu-west-1', true])
  })

  test('a malformed file fails the step and keeps what stood before the mistake', async () => {
    const directory = await writeAction({ 'main.mjs': `${APPEND} append('GITHUB_OUTPUT', 'a=1\\nnonsense\\nb=2\\n')` })
    const result = await runAction({ directory })
    expect(result).toMatchObject({ outcome: 'failure', exitCode: 0, outputs: { a: '1' } })
    expect(result.annotations.map(({ message }) => message)).toEqual([
      "Unable to process file command 'output' successfully.",
      "Invalid format 'nonsense'"
    ])
  })

  test('a summary of more than a mebibyte is refused with an error, and the step goes on', async () => {
    const directory = await writeAction({
      'main.mjs': `${APPEND} append('GITHUB_STEP_SUMMARY', 'x'.repeat(1024 * 1024 + 1))`
    })
    const result = await runAction({ directory })
    expect(result).toMatchObject({ outcome: 'success', summary: '' })
    expect(result.annotations[0]?.message).toContain(
      'upload aborted, supports content up to a size of 1024k, got 1024k.'
    )
  })

  test('files in a given temporary directory stay', async () => {
    const temp = await mkdtemp(join(tmpdir(), 'runner-temp-'))
    const directory = await writeAction({
      'main.mjs': "import { writeFileSync } from 'node:fs'\nwriteFileSync(`${process.env.RUNNER_TEMP}/made.json`, '{}')"
    })
    await runAction({ directory, temp })
    expect(await readFile(join(temp, 'made.json'), 'utf8')).toBe('{}')
    await rm(temp, { recursive: true })
  })
})

describe('the log', () => {
  test('shows the inputs, then the output of both streams, and arrives as it is written', async () => {
    const directory = await writeAction({
      'action.yml': 'inputs: { who: {}, empty: {} }\nruns: { using: node24, main: main.mjs }',
      'main.mjs': "process.stdout.write('out\\rmore\\r\\nlast'); console.error('::error::on stderr')"
    })
    const chunks: string[] = []
    const result = await runAction({
      directory,
      inputs: { who: 'me', typo: 'x' },
      env: { TOKEN: 's3cret' },
      secrets: ['s3cret'],
      onOutput: chunk => chunks.push(chunk)
    })
    expect(result.log.slice(0, 8)).toEqual([
      "##[warning]Unexpected input(s) 'typo', valid inputs are ['who', 'empty']",
      '##[group]Run ./',
      'with:',
      '  who: me',
      '  typo: x',
      'env:',
      '  TOKEN: ***',
      '##[endgroup]'
    ])
    expect(result.log.slice(8).sort()).toEqual(['##[error]on stderr', 'last', 'more', 'out'])
    expect(chunks.join('')).toBe(`${result.log.join('\n')}\n`)
    expect(result.rawStdout).toBe('out\rmore\r\nlast')
    expect(result.rawStderr).toBe('::error::on stderr\n')
  })
})

describe('post', () => {
  test('runs after a main that failed, and its own failure is its own', async () => {
    const directory = await writeAction({
      'action.yml': manifestWithPost(),
      'main.mjs': 'process.exit(3)',
      'post.mjs': 'process.exit(4)'
    })
    const result = await runAction({ directory })
    expect(result).toMatchObject({ outcome: 'failure', exitCode: 3, post: { outcome: 'failure', exitCode: 4 } })
    expect(result.post?.log[0]).toBe('Post job cleanup.')
  })

  test('runs when main cannot even be found', async () => {
    const directory = await writeAction({ 'action.yml': manifestWithPost(), 'post.mjs': '' })
    const result = await runAction({ directory })
    expect(result).toMatchObject({ outcome: 'failure', exitCode: null, post: { outcome: 'success' } })
    expect(result.log.at(-1)).toBe(`##[error]File not found: '${join(directory, 'main.mjs')}'`)
  })

  test('is skipped when its condition does not hold', async () => {
    const directory = await writeAction({
      'action.yml': manifestWithPost('  post-if: success()\n'),
      'main.mjs': 'process.exit(1)',
      'post.mjs': ''
    })
    expect((await runAction({ directory })).post?.outcome).toBe('skipped')
  })
})

describe('pre', () => {
  const files = {
    'action.yml': manifestWithPost('  pre: pre.mjs\n'),
    'pre.mjs': "console.log('::save-state name=from::pre')",
    'main.mjs': 'console.log(process.env.STATE_from)',
    'post.mjs': ''
  }

  test('runs first for an action of another repository, and hands on its state', async () => {
    const result = await runAction({ directory: await writeAction(files), uses: 'octo/deploy@v1' })
    expect(result.pre?.outcome).toBe('success')
    expect(result.rawStdout).toBe('pre\n')
    expect(result.log[0]).toBe('##[group]Run octo/deploy@v1')
  })

  test('is not run for a local action, with a warning', async () => {
    const result = await runAction({ directory: await writeAction(files) })
    expect(result.pre).toBeUndefined()
    expect(result.log[0]).toBe("##[warning]`pre` execution is not supported for local action from './'")
  })
})
