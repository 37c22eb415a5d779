import { describe, expect, test } from '@jest/globals'
import { startJob } from '../../../simulator/runner/job-state.ts'
import { StepLog } from '../../../simulator/runner/step-log.ts'

function receive(lines: readonly string[], debug = false) {
  const job = startJob([])
  const log = new StepLog({ job, workspace: '/home/runner/app', debug, onOutput: undefined })
  for (const line of lines) log.receive(line)
  return { job, log, lines: log.lines, annotations: log.annotations }
}

describe('annotations', () => {
  test('are kept with their properties and logged', () => {
    const { lines, annotations } = receive([
      '::error file=/home/runner/app/src/a.ts,line=3,endLine=3,col=5,endColumn=9,title=Bad::it%0Abroke',
      '::warning::careful',
      '::notice file=/etc/hosts::look'
    ])
    expect(lines).toEqual(['##[error]it', 'broke', '##[warning]careful', '##[notice]look'])
    expect(annotations).toEqual([
      {
        level: 'error',
        message: 'it\nbroke',
        title: 'Bad',
        file: 'src/a.ts',
        line: 3,
        endLine: 3,
        column: 5,
        endColumn: 9,
        shown: true
      },
      { level: 'warning', message: 'careful', shown: true },
      { level: 'notice', message: 'look', file: '/etc/hosts', shown: true }
    ])
  })

  test.each([
    ['endLine=4', { line: 4, endLine: 4 }],
    ['line=2,endLine=4,col=3', { line: 2, endLine: 4 }],
    ['line=5,endLine=4', {}],
    ['col=3', {}],
    ['line=2,endColumn=3', { line: 2, column: 3, endColumn: 3 }],
    ['line=2,col=5,endColumn=3', { line: 2 }],
    ['line=two', {}]
  ])('have no contradictory position: %s', (properties, position) => {
    const { annotations } = receive([`::error ${properties}::x`])
    expect(annotations).toEqual([{ level: 'error', message: 'x', ...position, shown: true }])
  })

  test('are shown ten of a level, and all in the log', () => {
    const { lines, annotations } = receive([...Array.from({ length: 12 }, () => '::error::x'), '::warning::y'])
    expect(lines).toHaveLength(13)
    expect(annotations.map(annotation => annotation.shown)).toEqual([
      ...Array<boolean>(10).fill(true),
      false,
      false,
      true
    ])
  })

  test('are cut at 4096 characters', () => {
    expect(receive([`::error::${'x'.repeat(5000)}`]).annotations[0]?.message).toHaveLength(4096)
  })
})

describe('masks', () => {
  test('hold from the command on, in output and annotations, and the command is not shown', () => {
    const { lines, annotations, job } = receive(['pw', '::add-mask::pw', 'the pw', '::error::pw!'])
    expect(lines).toEqual(['pw', 'the ***', '##[error]***!'])
    expect(annotations[0]?.message).toBe('***!')
    expect(job.masker.values).toEqual(['pw'])
  })

  test('cannot be empty', () => {
    expect(receive(['::add-mask:: ']).lines).toEqual([
      "##[warning]Can't add secret mask for empty string in ##[add-mask] command."
    ])
  })
})

describe('stopped commands', () => {
  test('are output until the token comes, which is masked from then on', () => {
    const { lines, annotations } = receive([
      '::stop-commands::t0ken-123',
      '::error::no',
      '##[add-mask]no',
      '::other::',
      '::t0ken-123::',
      '::error::yes'
    ])
    expect(lines).toEqual([
      '::stop-commands::***',
      '::error::no',
      '##[add-mask]no',
      '::other::',
      '::***::',
      '##[error]yes'
    ])
    expect(annotations).toHaveLength(1)
  })

  test.each(['', 'pause-logging', 'error', 'Add-Mask'])('refuse the token %j', token => {
    const { log, annotations } = receive([`::stop-commands::${token}`, '::notice::still carried out'])
    expect(log.commandFailed).toBe(true)
    expect(annotations[1]?.message).toContain('You cannot use a endToken')
    expect(annotations[2]?.level).toBe('notice')
  })
})

describe('other commands', () => {
  test('group lines, and hide debug messages', () => {
    expect(receive(['::group::Pull', 'x', '::endgroup::', '::debug::d']).lines).toEqual([
      '##[group]Pull',
      'x',
      '##[endgroup]'
    ])
    expect(receive(['::debug::a%0Ab'], true).lines).toEqual(['##[debug]a', '##[debug]b'])
  })

  test('set outputs and state in the deprecated way, with a warning', () => {
    const { job, annotations } = receive(['::set-output name=a::1', '::save-state name=b::2'])
    expect([job.outputs.get('a'), job.state.get('b')]).toEqual(['1', '2'])
    expect(annotations.map(({ level, message }) => [level, message.slice(0, 39)])).toEqual([
      ['warning', 'The `set-output` command is deprecated '],
      ['warning', 'The `save-state` command is deprecated ']
    ])
  })

  test.each([
    ['::set-env name=A::1', 'The `set-env` command is disabled.'],
    ['::add-path::/bin', 'The `add-path` command is disabled.'],
    ['::set-output::1', "Required field 'name' is missing in ##[set-output] command."],
    ['::echo::maybe', "Current value is: 'maybe'."]
  ])('fail the step when they cannot be carried out: %s', (line, message) => {
    const { log, annotations } = receive([line])
    expect(log.commandFailed).toBe(true)
    expect(annotations.at(-2)?.message).toBe(`Unable to process command '${line}' successfully.`)
    expect(annotations.at(-1)?.message).toContain(message)
  })

  test('are echoed when asked for', () => {
    const { lines } = receive(['::echo::on', '::group::g', '::add-mask::pw', '::echo::off', '::endgroup::'])
    expect(lines).toEqual(['::group::g', '##[group]g', '::add-mask::***', '::echo::off', '##[endgroup]'])
  })

  test('which mark the log of the runner itself are defused', () => {
    expect(receive(['x ##[start-action] ##[end-action']).lines).toEqual(['x ##[\\start-action] ##[\\end-action'])
  })
})
