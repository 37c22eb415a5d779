import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseAssignments } from '../../../src/decide/task/assignments.ts'
import type { NameRule } from '../../../src/decide/task/assignments.ts'
import { Failure } from '../../../src/failure.ts'
import { anyCharacter } from '../../support/any-character.ts'

function refusalOf(text: string, rule: NameRule = 'variable'): string {
  try {
    parseAssignments(text, 'environment-variables', rule)
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalid-input') return error.message
    throw error
  }
  throw new Error('the text was accepted')
}

function set(name: string, value: string) {
  return { kind: 'set', name, value }
}

describe('lines', () => {
  test.each([
    ['', []],
    ['A=1', [set('A', '1')]],
    ['A=', [set('A', '')]],
    ['A==', [set('A', '=')]],
    ['  A=1  \r\n\r\n\tB=2\r\n', [set('A', '1'), set('B', '2')]],
    ['A= 1', [set('A', ' 1')]],
    ['A="1"', [set('A', '"1"')]],
    ['URL=https://x/?a=b&c=d==', [set('URL', 'https://x/?a=b&c=d==')]],
    ['rule=Host(`a`) && Query(`x=y`)', [set('rule', 'Host(`a`) && Query(`x=y`)')]],
    ['# A=1\n  # B=2\nC=# 3', [set('C', '# 3')]],
    [
      '-A\n-b.c',
      [
        { kind: 'remove', name: 'A' },
        { kind: 'remove', name: 'b.c' }
      ]
    ],
    ['ProgramFiles(x86)=c', [set('ProgramFiles(x86)', 'c')]],
    [
      'Logging:Level=x\nHOSTS[0]=y\nspring.größe=z',
      [set('Logging:Level', 'x'), set('HOSTS[0]', 'y'), set('spring.größe', 'z')]
    ],
    ['FeatureFlag=\nAPPLICATION_V2_URL=', [set('FeatureFlag', ''), set('APPLICATION_V2_URL', '')]],
    ['-a/b', [{ kind: 'remove', name: 'a/b' }]],
    ['__proto__=x', [set('__proto__', 'x')]],
    ['A=x<<y', [set('A', 'x<<y')]]
  ])('%j', (text, expected) => {
    expect(parseAssignments(text, 'environment-variables')).toEqual(expected)
  })

  test('values of several lines are kept as they are', () => {
    const text = 'KEY<<EOF\n  -----BEGIN-----\n\nA=b\n# no comment\n EOF \nEOF\nB=1\nEMPTY<<END\nEND'
    expect(parseAssignments(text, 'environment-variables')).toEqual([
      set('KEY', '  -----BEGIN-----\n\nA=b\n# no comment\n EOF '),
      set('B', '1'),
      set('EMPTY', '')
    ])
  })

  test('labels and options of log drivers may be named as no variable is', () => {
    const text = 'app.kubernetes.io/name=web'
    expect(parseAssignments(text, 'docker-labels', 'option')).toEqual([set('app.kubernetes.io/name', 'web')])
    expect(refusalOf(text)).toContain('has a name that no variable has')
  })

  test('tag keys may hold blanks', () => {
    expect(parseAssignments('Cost Center=4 2', 'task-definition-tags', 'tag')).toEqual([set('Cost Center', '4 2')])
  })
})

describe('refusals', () => {
  test('all wrong lines at once', () => {
    const text = [
      'A=1',
      'nonsense',
      '=2',
      '- B=3',
      'export C=4',
      'D =5',
      'A=6',
      '-',
      '-E=7',
      'F<<',
      'G<<EOF',
      'H=8'
    ].join('\n')
    expect(refusalOf(text).split('; ')).toEqual([
      "input environment-variables: line 2: has no '='",
      "line 3: has no name before '='",
      "line 4: starts with '-', which removes a name, and yet has a value",
      'line 5: has a blank in its name',
      'line 6: has a blank before or after its name',
      "line 7: 'A' was already given on line 1",
      "line 8: has no name before '='",
      "line 9: starts with '-', which removes a name, and yet has a value",
      "line 10: has nothing after '<<'",
      'write KEY<<END and a line END after the value',
      "line 11: opens a value of several lines with '<<' that is never closed"
    ])
  })

  test.each([
    ['KuXz9abcKuXz9abc==', 'looks like the end of a value'],
    ['KuXz9abcKuXz9ab=', 'looks like the end of a value'],
    ['Ku+z9/bc=', 'no variable has'],
    ['https://user:hunter2@db/?a=b', 'no variable has'],
    ['"hunter2":"a=b"', 'no variable has']
  ])('the rest of a value that was written over two lines %#', (rest, said) => {
    const refusal = refusalOf(`KEY=abc\n${rest}`)
    expect(refusal).toContain(`line 2: `)
    expect(refusal).toContain(said)
    expect(refusal).not.toMatch(/Ku|hunter/)
  })

  test.each([
    ['aws:team=x', 'starts with aws:'],
    [`${'k'.repeat(129)}=x`, 'more than 128 characters'],
    [`k=${'v'.repeat(257)}`, 'more than 256 characters'],
    ['k=\0', 'NUL']
  ])('tags %#', (text, said) => {
    expect(refusalOf(text, 'tag')).toContain(said)
  })
})

describe('properties', () => {
  const variable = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,10}$/)

  test('any value goes through, written in one line or several', () => {
    const value = fc.string({ unit: anyCharacter }).filter(text => !/[\r\0]|^DELIMITER$/m.test(text))
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(variable, value), { selector: ([name]) => name }), pairs => {
        const text = pairs.map(([name, content]) => `${name}<<DELIMITER\n${content}\nDELIMITER`).join('\n')
        expect(parseAssignments(text, 'environment-variables')).toEqual(
          pairs.map(([name, content]) => set(name, content))
        )
        const oneLiners = pairs.filter(([, content]) => content === content.trim() && !content.includes('\n'))
        const lines = oneLiners.map(([name, content]) => `${name}=${content}`).join('\n')
        expect(parseAssignments(lines, 'environment-variables')).toEqual(
          oneLiners.map(([name, content]) => set(name, content))
        )
      })
    )
  })

  test('no message holds a value, whatever is wrong', () => {
    const secret = 'SECRETVALUE'
    const line = fc
      .tuple(
        fc.constantFrom(
          'A=%',
          ' A = %',
          '%',
          '=%',
          '-A=%',
          '- A: %',
          'A<<%',
          'A B=%',
          'A<<EOF\n%',
          'A=%\nA=%',
          '\u0007A=%'
        )
      )
      .map(([form]) => form.replaceAll('%', secret))
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.constantFrom<NameRule>('variable', 'tag'), (lines, rule) => {
        try {
          parseAssignments(lines.join('\n'), 'secrets', rule)
        } catch (error) {
          expect(error).toBeInstanceOf(Failure)
          expect(String(error)).not.toContain(secret)
          expect(String((error as Failure).remedy)).not.toContain(secret)
        }
      })
    )
  })
})
