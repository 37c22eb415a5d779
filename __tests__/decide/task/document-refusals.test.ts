import { describe, expect, test } from '@jest/globals'
import { refusalOf, withContainer } from './files.ts'

describe('refusals', () => {
  test.each([
    ['', 'td.yaml is empty'],
    ['# nothing', 'td.yaml holds no YAML document'],
    ['just text', 'instead of a task definition'],
    ['[]', 'holds a list instead of a task definition'],
    ['family: f\ncontainerDefinitions: []\n---\nfamily: g', 'more than one YAML document'],
    ['family: f\nfamily: g', "line 2, column 1 has the member 'family' twice in one object (first on line 1)"],
    ['family: *nobody', 'line 1, column 9 has an alias (*name) without an anchor before it'],
    ['family: !Sub f', 'line 1, column 9 is no valid YAML: a tag (!name) is not understood here'],
    ['family: f\n\tcpu: 1', 'line 2'],
    ['family: &a [*a]', 'nested too deeply'],
    [`a: ${'['.repeat(100_000)}`, 'nested too deeply']
  ])('YAML %#', (text, said) => {
    expect(refusalOf(text)).toContain(said)
  })

  test.each([
    ['{"family": "f"', 'td.json, line 1, column 15 is no valid JSON'],
    ['{\n  "family": "f"\n  "cpu": 1}', 'td.json, line 3, column 3 is no valid JSON: comma expected'],
    ['{"family": "f", "family": "g"}', "line 1, column 17 has the member 'family' twice"],
    ['{"family": "f"} {}', 'end of file expected'],
    ['/* never closed {', 'is no valid JSON'],
    ['['.repeat(100_000), 'nested too deeply'],
    [`{"a": "${'x'.repeat(600_000)}"}`, 'characters; at most']
  ])('JSON %#', (text, said) => {
    expect(refusalOf(text, 'td.json')).toContain(said)
  })

  test('an alias bomb ends at once', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 12; level++) {
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`)
    }
    expect(refusalOf(lines.join('\n'))).toContain('unfolds to more than 20000 values')
  })

  test('all structural problems at once, with their places', () => {
    const message = refusalOf(
      [
        'containerDefinitions:',
        '  - image: a',
        '    Name: web',
        '  - name: web',
        '    environment: [{value: secret-value}]',
        '    secrets: [{name: A}, {valueFrom: arn}]',
        '  - name: web',
        '    environment: {A: b}',
        '    command: [a, ~]',
        '    user: []'
      ].join('\n')
    )
    expect(message.split('\n')).toEqual([
      'td.yaml has 9 problems',
      '  line 1, column 1: the task definition has no family',
      "  line 2, column 5: container 1 has no name; 'Name' is spelled differently",
      "  line 5, column 19: an environment variable of container 'web' has no name",
      "  line 6, column 15: secret 'A' of container 'web' has no valueFrom",
      "  line 6, column 26: a secret of container 'web' has no name",
      "  line 7, column 5: container 'web' is defined twice",
      '  line 8, column 18: containerDefinitions[web].environment is an object; ECS takes a list, each item an object with name, value there',
      '  line 9, column 18: containerDefinitions[web].command[1] is null; a list cannot hold null',
      '  line 10, column 11: containerDefinitions[web].user is a list; ECS takes text there'
    ])
  })

  test.each([
    ['family: f', 'the task definition has no containerDefinitions'],
    ['family: f\nContainerDefinitions: []', "no containerDefinitions; 'ContainerDefinitions' is spelled differently"],
    ['family: f\ncontainerDefinitions: []', 'containerDefinitions is empty'],
    ['family: f\ncontainerDefinitions:', 'the task definition has no containerDefinitions'],
    ['family: f\ncontainerDefinitions: [web]', 'containerDefinitions[0] is text; ECS takes an object'],
    ['tags: [{key: a}]', 'the task definition has no family'],
    [
      withContainer('environment: [{name: A, value: x}]', 'secrets: [{name: A, valueFrom: y}]'),
      'both as an environment variable and as a secret'
    ]
  ])('structure %#', (text, said) => {
    expect(refusalOf(text)).toContain(said)
  })

  test('no message quotes the file', () => {
    const secret = 'hunter2hunter2'
    for (const text of [
      `a: "${secret}`,
      `a: b ${secret}: c`,
      `{"a": ${secret}}`,
      `a: &x ${secret}\n  b: c`,
      `"${secret}" x`,
      `@${secret}`
    ]) {
      for (const path of ['td.json', 'td.yaml']) expect(refusalOf(text, path)).not.toContain(secret)
    }
  })
})
