import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { parseTaskDefinitionFile } from '../../../src/decide/task/document.ts'
import { Failure } from '../../../src/failure.ts'
import { taskDefinition } from './arbitrary.ts'

function parse(text: string, path = 'td.yaml') {
  return parseTaskDefinitionFile(text, path)
}

function refusalOf(text: string, path = 'td.yaml'): string {
  try {
    parse(text, path)
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalid-task-definition') return error.message
    throw error
  }
  throw new Error('the file was accepted')
}

/** A file with one container that has the given lines. */
function withContainer(...lines: readonly string[]): string {
  return ['family: f', 'containerDefinitions:', '  - name: web', ...lines.map(line => `    ${line}`)].join('\n')
}

function containerOf(...lines: readonly string[]) {
  const { document, notes } = parse(withContainer(...lines))
  return { container: (document.containerDefinitions as never[])[0], notes }
}

describe('formats', () => {
  const expected = { family: 'f', containerDefinitions: [{ name: 'web', command: ['', 'a'] }] }
  const json = '{"family":"f","containerDefinitions":[{"name":"web","command":["","a"]}]}'

  test.each([
    ['JSON', json],
    ['JSON with a byte order mark', `\uFEFF${json}`],
    ['JSON with comments', `// deploy\n/* of */ ${json.replace('["",', '["", /* empty */')}`],
    ['JSON with trailing commas', json.replace('"a"]}]', '"a",],},]')],
    ['JSON after a YAML comment', `# deploy\n${json}`],
    ['YAML', 'family: f\ncontainerDefinitions:\n- name: web\n  command: ["", a]\n'],
    ['YAML with Windows line ends', 'family: f\r\ncontainerDefinitions:\r\n- name: web\r\n  command: ["", a]\r\n']
  ])('%s', (_, text) => {
    for (const path of ['td.json', 'td.jsonc', 'td']) expect(parse(text, path).document).toEqual(expected)
  })

  test('JSON in a file called .yml', () => {
    expect(parse(json, 'td.yml').document).toEqual(expected)
  })

  test('anchors, aliases and merge keys', () => {
    const { document } = parse(
      [
        'family: f',
        'x-base: &base',
        '  essential: true',
        '  image: a',
        'containerDefinitions:',
        '  - <<: *base',
        '    name: web',
        '    image: b'
      ].join('\n')
    )
    expect(document.containerDefinitions).toEqual([{ name: 'web', image: 'b', essential: true }])
  })

  test("a member that is called '<<' in quotes merges nothing", () => {
    expect(parse(`${withContainer()}\n"<<": {a: 1}`).document).toMatchObject({ '<<': { a: 1 } })
  })

  test('what describe-task-definition prints', () => {
    const described = {
      taskDefinition: {
        ...expected,
        taskDefinitionArn: 'arn',
        revision: 3,
        status: 'ACTIVE',
        requiresAttributes: [{ name: 'a' }],
        compatibilities: ['EC2'],
        registeredAt: 1.5,
        registeredBy: 'me',
        deregisteredAt: 2,
        deleteRequestedAt: 3
      },
      tags: [{ key: 'team', value: '' }, { key: 'bare' }]
    }
    const { document, tags, notes } = parse(JSON.stringify(described), 'td.json')
    expect(document).toEqual(expected)
    expect(tags).toEqual([{ key: 'team', value: '' }, { key: 'bare' }])
    expect(notes).toHaveLength(1)
    expect(notes[0]).toContain('taskDefinitionArn, revision, status')
  })

  test('tags of a register input', () => {
    expect(parse(`${withContainer()}\ntags: [{key: a, value: 1.10}]`).tags).toEqual([{ key: 'a', value: '1.10' }])
  })

  test('a family given beside the file', () => {
    const text = 'containerDefinitions: [{name: web}]'
    expect(parseTaskDefinitionFile(text, 'td.yaml', 'mine').document.family).toBe('mine')
    expect(parseTaskDefinitionFile(`family: own\n${text}`, 'td.yaml', 'mine').document.family).toBe('own')
  })
})

describe('scalars where the API takes text', () => {
  test.each([
    '1.10',
    '0x10',
    '0o17',
    '8080',
    'yes',
    'true',
    '2024-01-01',
    '1e3',
    '12345678901234567890',
    '+1',
    '1_000'
  ])('an environment variable written %s', written => {
    const { container } = containerOf('environment:', `  - {name: A, value: ${written}}`)
    expect(container).toEqual({ name: 'web', environment: [{ name: 'A', value: written }] })
  })

  test('each is said, by place and without its value', () => {
    const { notes } = containerOf('environment:', '  - {name: PORT, value: 8080}', 'command: [a, 1.0, true]')
    expect(notes).toEqual([
      'td.yaml, line 5, column 29: containerDefinitions[web].environment[PORT].value is a number where ECS takes text; sent exactly as it is written',
      'td.yaml, line 6, column 18: containerDefinitions[web].command[1] is a number where ECS takes text; sent exactly as it is written',
      'td.yaml, line 6, column 23: containerDefinitions[web].command[2] is true or false where ECS takes text; sent exactly as it is written'
    ])
  })

  test('task sizes, labels, log options and tags', () => {
    const { document } = parse(
      `cpu: 256\nmemory: 512\n${withContainer('dockerLabels: {v: 1.0, e: ""}', 'logConfiguration: {logDriver: awslogs, options: {tag: "", max: 010}}')}`
    )
    expect(document).toMatchObject({ cpu: '256', memory: '512' })
    expect(document.containerDefinitions).toEqual([
      {
        name: 'web',
        dockerLabels: { v: '1.0', e: '' },
        logConfiguration: { logDriver: 'awslogs', options: { tag: '', max: '010' } }
      }
    ])
  })

  test('JSON numbers keep the characters they were written with', () => {
    const text =
      '{"family":"f","cpu":256,"containerDefinitions":[{"name":"web","environment":[{"name":"A","value":1.10}]}]}'
    expect(parse(text, 'td.json').document).toMatchObject({
      cpu: '256',
      containerDefinitions: [{ environment: [{ name: 'A', value: '1.10' }] }]
    })
  })

  test('no value is empty text for a variable, and stays null elsewhere', () => {
    const { container, notes } = containerOf('environment:', '  - name: A', '    value:', 'user:')
    expect(container).toEqual({ name: 'web', environment: [{ name: 'A', value: '' }], user: null })
    expect(notes).toHaveLength(1)
  })

  test('numbers and flags stay what they are', () => {
    const { container, notes } = containerOf('cpu: 0x10', 'essential: false', 'portMappings: [{containerPort: 80}]')
    expect(container).toEqual({ name: 'web', cpu: 16, essential: false, portMappings: [{ containerPort: 80 }] })
    expect(notes).toEqual([])
  })

  test.each([
    '12345678901234567890',
    '9007199254740993',
    '1e400',
    '.inf',
    '.nan',
    '0.12345678901234567890',
    '0x20000000000001'
  ])('a number that a double cannot hold is refused: %s', written => {
    expect(refusalOf(withContainer(`newThing: ${written}`))).toContain('newThing is a number that cannot be sent')
  })
})

describe('notes', () => {
  test.each([
    ['healthcheck: {command: [a]}', 'did you mean healthCheck?'],
    ['enviroment: []', 'did you mean environment?'],
    ['Image: x', 'did you mean image?'],
    ['brandNewFeature: 1', 'brandNewFeature is not a member known to this action; sent as it is']
  ])('%s', (line, said) => {
    const { container, notes } = containerOf(line)
    expect(Object.keys(container ?? {})).toHaveLength(2)
    expect(notes.join()).toContain(said)
  })

  test('names of objects are data', () => {
    const { container } = containerOf('constructor: a', '__proto__: {x: 1}')
    expect(Object.keys(container ?? {})).toEqual(['name', 'constructor', '__proto__'])
  })
})

describe('refusals', () => {
  test.each([
    ['', 'td.yaml is empty'],
    ['# nothing', 'td.yaml holds no YAML document'],
    ['just text', 'instead of a task definition'],
    ['[]', 'holds a list instead of a task definition'],
    ['family: f\ncontainerDefinitions: []\n---\nfamily: g', 'more than one YAML document'],
    ['family: f\nfamily: g', "line 2, column 1 has the member 'family' twice in one object (first on line 1)"],
    ['family: *nobody', "line 1, column 9 has the alias 'nobody' without an anchor before it"],
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

describe('properties', () => {
  test('whatever is written comes back, as JSON and as YAML', () => {
    fc.assert(
      fc.property(taskDefinition, document => {
        expect(parse(JSON.stringify(document), 'td.json').document).toEqual(document)
        expect(parse(JSON.stringify(document, undefined, 2), 'td.json').document).toEqual(document)
        expect(parse(stringify(document), 'td.yaml').document).toEqual(document)
      })
    )
  })

  test('any text is read or refused, never worse', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map(text => `family: f\n${text}`)
        ),
        text => {
          for (const path of ['td.json', 'td.yaml']) {
            try {
              parse(text, path)
            } catch (error) {
              expect(error).toBeInstanceOf(Failure)
            }
          }
        }
      )
    )
  })
})
