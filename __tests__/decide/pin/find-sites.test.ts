import { describe, expect, test } from '@jest/globals'
import { findSites } from '../../../src/decide/pin/find-sites.ts'
import { UnreadableFile } from '../../../src/decide/pin/site.ts'

function valuesOf(text: string, path = 'compose.yaml'): readonly (readonly [string, string])[] {
  const { sites } = findSites(text, path)
  for (const { start, end, written } of sites) expect(text.slice(start, end)).toBe(written)
  return sites.map(({ users, value }) => [users.join(','), value])
}

describe('a Compose file', () => {
  test('names the images of its services, however they are written', () => {
    const text = [
      '# image: not-this:1',
      'x-cache: &cache redis:7.2.0   # shared',
      'x-base: &base',
      '  image: "base:1.0.0"',
      'services:',
      '  web:',
      "    image: 'web:1.2.3' # the shop",
      '    labels: {image: "label:1"}',
      '  plain: {image: plain:1, restart: always}',
      '  cache: {image: *cache}',
      '  merged: {<<: *base, restart: always}',
      '  again: &again',
      '    <<: [*base]',
      '  own: {<<: *again, image: own:2}',
      '  none: {}',
      '  empty:',
      'volumes: {image: {}}',
      ''
    ].join('\n')
    expect(valuesOf(text)).toEqual([
      ['cache', 'redis:7.2.0'],
      ['merged,again', 'base:1.0.0'],
      ['web', 'web:1.2.3'],
      ['plain', 'plain:1'],
      ['own', 'own:2']
    ])
    expect(findSites(text, 'compose.yaml').sites[2]).toMatchObject({ line: 7 })
  })

  test('names the images of volumes', () => {
    const text = [
      'services:',
      '  web:',
      '    image: web:1',
      '    volumes:',
      '      - ./here:/there',
      '      - { type: bind, source: ., target: /x }',
      '      - { type: image, source: "redis:7.2.0", target: /y }'
    ].join('\n')
    expect(valuesOf(text)).toEqual([
      ['web', 'web:1'],
      ['volume of web', 'redis:7.2.0']
    ])
  })

  test.each([
    ['services: {a: {extends: {file: base.yaml, service: a}}}', "service 'a' extends one of other files"],
    ['include: [other.yaml]\nservices: {}', 'it includes other files'],
    ['include: [other.yaml]', 'it includes other files']
  ])('says whose images it does not know: %s', (text, note) => {
    expect(findSites(text, 'compose.yaml')).toMatchObject({
      sites: [],
      notes: [`${note}, whose images count only when 'files' names them`]
    })
  })

  test('extends a service of its own without a word', () => {
    const text = 'services: {a: {image: a:1}, b: {extends: {service: a}}, c: {extends: a}}'
    expect(findSites(text, 'compose.yaml').notes).toEqual([])
  })

  test('with Windows line ends and a byte order mark', () => {
    expect(valuesOf('\uFEFFservices:\r\n  web:\r\n    image: web:1\r\n')).toEqual([['web', 'web:1']])
  })

  test('tells the images that are built from those that are not', () => {
    const text = [
      'services:',
      '  web: {build: ., image: web:dev}',
      '  only: {build: {context: .}}',
      '  not: {build: , image: other:1}'
    ].join('\n')
    expect(valuesOf(text)).toEqual([['not', 'other:1']])
    expect(findSites(text, 'compose.yaml')).toMatchObject({
      built: ['web:dev'],
      notes: [
        "service 'web' is built, so its image is left alone",
        "service 'only' is built, so its image is left alone"
      ]
    })
  })

  test.each(['compose.json', 'compose.yaml', 'compose'])('in JSON, which is YAML: %s', path => {
    const text =
      '\uFEFF{\n\t"services": {"web": {"image": "host\\/web:1"},\n\t\t"own": {"build": ".", "image": "own"}}\n}\n'
    expect(valuesOf(text, path)).toEqual([['web', 'host/web:1']])
    expect(findSites(text, path)).toMatchObject({ kind: 'compose', built: ['own'] })
    expect(findSites('{"include": ["other.yaml"]}', path)).toMatchObject({ kind: 'compose', sites: [] })
  })

  test('in JSON with comments, which is no YAML', () => {
    const text = '{\n  // no YAML\n  "services": {"web": {"image": "web:1"}}\n}'
    expect(() => findSites(text, 'compose.json')).toThrow(UnreadableFile)
  })

  test('that overrides another: what it resets is not there, whatever its value', () => {
    const text = [
      'x-base: &base {image: "base:1"}',
      'services:',
      '  none: {image: !reset null}',
      '  gone: !reset {image: gone:1}',
      '  given: {build: !reset null, image: given:1}',
      '  volume: {image: volume:1, volumes: !reset [{type: image, source: no:1}]}',
      '  merged: {<<: *base, image: !reset null}',
      '  set: {image: !override set:1}',
      '  all: !override {image: all:1}'
    ].join('\n')
    expect(valuesOf(text)).toEqual([
      ['given', 'given:1'],
      ['volume', 'volume:1'],
      ['set', 'set:1'],
      ['all', 'all:1']
    ])
  })

  test('whose member names are aliases', () => {
    expect(valuesOf('x-name: &name image\nservices: {a: {*name : web:1}}')).toEqual([['a', 'web:1']])
  })

  test.each([
    ['a: [', 'no valid YAML on line'],
    ['services: {web: "web:1"}', "a service 'web' that is no object"],
    ['services: {web: [image, "web:1"]}', "a service 'web' that is no object"],
    ['services: {}\n---\nservices: {}', 'more than one YAML document'],
    ['hello: world', 'neither a Compose file nor a task definition'],
    ['', 'neither a Compose file nor a task definition'],
    ['services: {web: {image: *nothing}}', 'has an alias (*name) without an anchor before it on line 1, column 25'],
    ['services: {web: {image: a:1, image: b:2}}', "the member 'image' twice"],
    ['services: {web: {image: [a]}}', 'no text'],
    ['services: {web: {image: 1.5}}', 'no text'],
    ['services:\n  web:\n    image: >-\n      web:1\n', 'not written on one line'],
    ['services:\n  web:\n    image: "web\n      :1"\n', 'not written on one line'],
    ['services:\n  web: &a {<<: *a}\n', 'merges itself'],
    [`services: ${'['.repeat(20_000)}`, '']
  ])('%j is refused', (text, sentence) => {
    expect(() => findSites(text, 'compose.yaml')).toThrow(UnreadableFile)
    expect(() => findSites(text, 'compose.yaml')).toThrow(sentence)
  })

  test('an object that a thousand others merge, twice each, is read once', () => {
    const lines = ['services:', '  s0: &a0 {image: "web:1"}']
    for (let at = 1; at < 1000; at++)
      lines.push(`  s${String(at)}: &a${String(at)} {<<: [*a${String(at - 1)}, *a${String(at - 1)}]}`)
    const found = findSites(lines.join('\n'), 'compose.yaml')
    expect(found.sites).toHaveLength(1)
    expect(found.sites[0]?.users).toHaveLength(1000)
  })
})

describe('a task definition', () => {
  const JSONC = `// the shop
{
  "family": "web", /* image: "no" */
  "containerDefinitions": [
    { "name": "web", "image": "host/web:1.2.3", "dockerLabels": { "image": "label:1" } },
    { "image": "host\\/proxy:1", },
    { "name": "later" },
  ],
}
`

  test('in JSON with comments', () => {
    expect(valuesOf(JSONC, 'task.json')).toEqual([
      ['web', 'host/web:1.2.3'],
      ['container 2', 'host/proxy:1']
    ])
    expect(findSites(JSONC, 'task.json')).toMatchObject({ kind: 'task-definition', sites: [{ line: 5 }, { line: 6 }] })
  })

  test('as describe-task-definition prints it, and in YAML', () => {
    expect(valuesOf('{"taskDefinition":{"containerDefinitions":[{"name":"a","image":"a:1"}]}}', 'task')).toEqual([
      ['a', 'a:1']
    ])
    const yaml = 'containerDefinitions:\n  - &first {name: a, image: a:1}\n  - {<<: *first, name: b}\n'
    expect(valuesOf(yaml, 'task.yml')).toEqual([['a,b', 'a:1']])
    expect(
      valuesOf(
        `taskDefinition: {${yaml.replaceAll('\n', '\n  ')}}`.replace('{c', '\n  c').replace(/\}$/, ''),
        'task.yml'
      )
    ).toEqual([['a,b', 'a:1']])
  })

  test.each([
    ['{', 'no valid JSON'],
    ['{"containerDefinitions": {}}', 'neither'],
    ['{"containerDefinitions": [{"image": "a", "image": "b"}]}', "the member 'image' twice in one object on line 1"],
    [
      '{"containerDefinitions": [],\n "containerDefinitions": []}',
      "'containerDefinitions' twice in one object on line 2"
    ],
    ['{"taskDefinition": {"containerDefinitions": []}, "taskDefinition": {}}', "'taskDefinition' twice"],
    ['{"containerDefinitions": [{"name": "a", "image": ["web:1"]}]}', "an image of 'a' that is no text on line 1"],
    ['{"containerDefinitions": [{"image": 1.5}]}', "an image of 'container 1' that is no text"],
    ['{"containerDefinitions": ["web:1"]}', 'a container that is no object'],
    ['{"containerDefinitions": [["image", "web:1"]]}', 'a container that is no object'],
    ['[]', 'neither'],
    ['['.repeat(200_000), '']
  ])('%j is refused', (text, sentence) => {
    expect(() => findSites(text, 'task.json')).toThrow(UnreadableFile)
    expect(() => findSites(text, 'task.json')).toThrow(sentence)
  })

  test('whose container is no object is refused in YAML, too', () => {
    expect(() => findSites('containerDefinitions: ["web:1"]', 'task.yaml')).toThrow('a container that is no object')
  })

  test.each(['{"name": "a"}', '{"name": "a", "image": null}'])('may be without an image: %s', container => {
    expect(valuesOf(`{"containerDefinitions": [${container}]}`, 'task.json')).toEqual([])
    expect(valuesOf(`containerDefinitions: [${container}]`, 'task.yaml')).toEqual([])
  })
})
