import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { Failure } from '../../../src/failure.ts'
import { containersOf } from '../../../src/decide/task/document.ts'
import { parseTaskDefinitionFile } from '../../../src/decide/task/file.ts'
import { taskDefinition } from './arbitrary.ts'
import { refusalOf, withContainer } from './files.ts'

function parse(text: string, path = 'td.yaml') {
  return parseTaskDefinitionFile(text, path)
}

function containerOf(...lines: readonly string[]) {
  const { document, notes } = parse(withContainer(...lines))
  return { container: containersOf(document)[0], notes }
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
