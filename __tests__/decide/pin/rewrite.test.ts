import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parse } from 'yaml'
import { parseDigest } from '../../../src/decide/image/reference.ts'
import { isExact, meantTag, type ExactImage, type NamedImage } from '../../../src/decide/pin/plan.ts'
import { readImages, rewrite } from '../../../src/decide/pin/rewrite.ts'
import { settingsOf, type SettingsOf } from '../../../src/decide/pin/settings.ts'

const DIGEST = parseDigest(`sha256:${'0123456789abcdef'.repeat(4)}`)
const OTHER = parseDigest(`sha256:${'f'.repeat(64)}`)

/** What a registry would say: each tag has this digest. */
function pinned(image: NamedImage): ExactImage | undefined {
  return isExact(image) ? undefined : { tag: meantTag(image), digest: DIGEST }
}

function pin(text: string, exact = pinned, path = 'compose.yaml') {
  return rewrite({ text, path }, readImages(text, path), exact)
}

function settings(text: string, environment: Record<string, string> = {}): SettingsOf {
  return settingsOf(environment, [{ path: '.env', text }])
}

function pinImage(image: string, exact = pinned): string {
  const text = `services:\n  web:\n    image: ${image} # kept\n`
  const [, rewritten = ''] = /^services:\n {2}web:\n {4}image: (.*) # kept\n$/.exec(pin(text, exact).text) ?? []
  return rewritten
}

describe('an image is named exactly', () => {
  test.each([
    ['nginx:1.27.3', `nginx:1.27.3@${DIGEST}`],
    ['"nginx:1.27.3"', `"nginx:1.27.3@${DIGEST}"`],
    ["'nginx:1.27.3'", `'nginx:1.27.3@${DIGEST}'`],
    ['!!str nginx:1.27.3', `!!str nginx:1.27.3@${DIGEST}`],
    ['&web nginx:1.27.3', `&web nginx:1.27.3@${DIGEST}`],
    ['nginx', `nginx:latest@${DIGEST}`],
    ['localhost:5000/web', `localhost:5000/web:latest@${DIGEST}`],
    [`nginx:1.27.3@${OTHER}`, `nginx:1.27.3@${OTHER}`],
    [`nginx@${OTHER}`, `nginx@${OTHER}`],
    ['"host\\/web:1"', `"host\\/web:1@${DIGEST}"`],
    ['${IMAGE:-nginx:1.27.3}', `\${IMAGE:-nginx:1.27.3@${DIGEST}}`],
    ['nginx:${TAG:-1.27.3}', `nginx:\${TAG:-1.27.3@${DIGEST}}`],
    ['nginx:${TAG-1.27.3}', `nginx:\${TAG-1.27.3@${DIGEST}}`],
    ['${HOST:-docker.io}/nginx:1.27.3', `\${HOST:-docker.io}/nginx:1.27.3@${DIGEST}`],
    ['${HOST:-docker.io}/nginx:${TAG:-1}', `\${HOST:-docker.io}/nginx:\${TAG:-1@${DIGEST}}`],
    ['nginx:1${SUFFIX:-}', `nginx:1@${DIGEST}\${SUFFIX:-}`]
  ])('%s → %s', (from, to) => {
    expect(pinImage(from)).toBe(to)
    // Once more changes nothing.
    expect(pinImage(to)).toBe(to)
  })

  const highest = (): ExactImage => ({ tag: '2.0.0', digest: DIGEST })

  test.each([
    ['web:1.4.2', `web:2.0.0@${DIGEST}`],
    [`web:1.4.2@${OTHER}`, `web:2.0.0@${DIGEST}`],
    [`web@${OTHER}`, `web:2.0.0@${DIGEST}`],
    ['web', `web:2.0.0@${DIGEST}`],
    ['localhost:5000/web:1', `localhost:5000/web:2.0.0@${DIGEST}`],
    ['${IMAGE:-web:1.4.2}', `\${IMAGE:-web:2.0.0@${DIGEST}}`],
    ['web:${TAG:-1.4.2}', `web:\${TAG:-2.0.0@${DIGEST}}`],
    [`web:\${TAG:-1.4.2@${OTHER}}`, `web:\${TAG:-2.0.0@${DIGEST}}`],
    ['web${TAG:-:1.4.2}', `web\${TAG:-:2.0.0@${DIGEST}}`],
    [`web\${EXACT:-@${OTHER}}`, `web\${EXACT:-:2.0.0@${DIGEST}}`],
    ['${HOST:-h.io}/web:${TAG:-1}', `\${HOST:-h.io}/web:\${TAG:-2.0.0@${DIGEST}}`],
    ['${HOST:-h.io}/web:1.4.2', `\${HOST:-h.io}/web:2.0.0@${DIGEST}`],
    ['"host\\/web:1"', `"host\\/web:2.0.0@${DIGEST}"`],
    ['"web\\x3a1"', `"web\\x3a2.0.0@${DIGEST}"`]
  ])('%s → %s, as another version', (from, to) => {
    expect(pinImage(from, highest)).toBe(to)
    expect(pinImage(to, highest)).toBe(to)
  })

  test.each(['web:${MAJOR:-1}.4.2', `web:\${TAG:-1}@${OTHER}`, '"web:1\\x2e4"'])(
    '%s cannot be, as another version',
    image => {
      const text = `services: {a: {image: ${image.startsWith('"') ? image : `"${image}"`}}}`
      const { unclear, changed } = pin(text, highest)
      expect(changed).toEqual([])
      expect(unclear).toHaveLength(1)
      expect(pin(text, highest).text).toBe(text)
    }
  )

  test.each([
    ['${IMAGE}', 'depends on the variable IMAGE, which has no default there'],
    ['$IMAGE', 'depends on the variable IMAGE'],
    ['web:${TAG:?set it}', 'depends on the variable TAG'],
    ['web:${TAG:+1}', 'depends on the variable TAG'],
    ['web:${TAG:-$OTHER}', 'has a variable in the default of TAG'],
    ['web:${TAG:-${OTHER:-1}}', 'has a variable in the default of TAG'],
    ['web:${TAG-1${OTHER}}', 'has a variable in the default of TAG'],
    ['web:${TAG:-1', 'has a $ that begins no variable'],
    ['web:$$TAG', 'has a $ that begins no variable'],
    ['Web Server', 'names no image'],
    ['web:', 'names no image']
  ])('%s is unclear: it %s', (value, why) => {
    const { images, unclear } = readImages(`services: {a: {image: '${value}'}}`, 'compose.yaml')
    expect(images).toEqual([])
    expect(unclear).toMatchObject([{ why: expect.stringContaining(why) as unknown }])
  })

  test('a task definition has no variables', () => {
    const { unclear } = readImages('{"containerDefinitions":[{"image":"${IMAGE:-web:1}"}]}', 'task.json')
    expect(unclear).toMatchObject([{ why: 'names no image' }])
  })
})

describe('everything else stays as it is', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/)
  const image = fc
    .tuple(
      fc.constantFrom('', 'localhost:5000/', 'ghcr.io/o/', 'team/'),
      name,
      fc.constantFrom('', ':1.2.3', ':v1-a_b', ':latest', `@${OTHER}`, `:2@${OTHER}`)
    )
    .map(parts => parts.join(''))
  const comment = fc.constantFrom('', ' # image: no:1', '  #', ' # ü ✨ "quoted" {')
  const quote = fc.constantFrom('', '"', "'")
  const filler = fc.constantFrom(
    '    ports: ["80:80", {target: 1}]',
    '    labels:\n      image: "not:1"\n      "a\\tb": \'it\'\'s\'',
    '    command: |\n      image: not:1\n        run # no comment',
    '    environment: {image: no:1, <<: *env}',
    '',
    '    # a line of its own'
  )

  interface Service {
    readonly name: string
    readonly image: string
    readonly style: 'block' | 'flow' | 'anchor' | 'merge' | 'built'
    readonly quote: string
    readonly comment: string
    readonly filler: string
  }
  const service: fc.Arbitrary<Service> = fc.record({
    name,
    image,
    style: fc.constantFrom('block', 'flow', 'anchor', 'merge', 'built'),
    quote,
    comment,
    filler
  })

  function write(services: readonly Service[], lineEnd: string): string {
    const head = ['# a file', 'x-env: &env {A: 1, image: no:1}', '"x-quoted":   [1,2 , 3]']
    const anchors = services.flatMap(({ name: own, image: of, style, quote: q, comment: c }) =>
      style === 'anchor'
        ? [`x-${own}: &${own} ${q}${of}${q}${c}`]
        : style === 'merge'
          ? [`x-${own}: &${own}`, `  image:   ${q}${of}${q}${c}`]
          : []
    )
    const body = services.flatMap(({ name: own, image: of, style, quote: q, comment: c, filler: f }) => {
      if (style === 'flow') return [`  ${own}: { restart: always, image: ${q}${of}${q} }${c}`]
      if (style === 'anchor') return [`  ${own}:`, f, `    image: *${own}${c}`]
      if (style === 'merge') return [`  ${own}:`, `    <<: *${own}`, f]
      if (style === 'built') return [`  ${own}: {build: ., image: ${q}${of}${q}}`]
      return [`  ${own}:${c}`, `    image:  ${q}${of}${q}${c}`, f]
    })
    return [...head, ...anchors, 'services:', '  first: {image: "first:1"}', ...body, '', '...', '']
      .join('\n')
      .replaceAll('\n', lineEnd)
  }

  test('byte by byte, and as YAML reads it', () => {
    const services = fc.uniqueArray(service, { selector: each => each.name, maxLength: 6 })
    fc.assert(
      fc.property(services, fc.constantFrom('\n', '\r\n'), (all, lineEnd) => {
        const others = all.filter(each => !['first', 'env', 'quoted'].includes(each.name))
        const before = write(others, lineEnd)
        const { text } = pin(before)
        const tagged = (of: string): string => (/:[^/]+$/.test(of) ? of : `${of}:latest`)
        const built = new Set(others.flatMap(({ style, image: of }) => (style === 'built' ? [tagged(of)] : [])))
        const exact = (of: string): string =>
          of.includes('@') || built.has(tagged(of)) ? of : `${tagged(of)}@${DIGEST}`
        const expected = others.map(each => ({ ...each, image: exact(each.image) }))
        expect(text).toBe(write(expected, lineEnd).replace('"first:1"', `"first:1@${DIGEST}"`))
        type Parsed = { services: Record<string, { image?: string }> }
        const source = parse(before, { merge: true }) as Parsed
        const result = parse(text, { merge: true }) as Parsed
        for (const [key, { image: of }] of Object.entries(source.services)) {
          const wanted = of === undefined ? of : exact(of)
          expect(result.services[key]).toEqual({
            ...source.services[key],
            ...(wanted !== undefined && { image: wanted })
          })
        }
        expect(pin(text).text).toBe(text)
      })
    )
  })

  test('in a file as large as one may be, at once', () => {
    const services = Array.from({ length: 20_000 }, (_, at) => `  s${String(at)}: {image: "w:${String(at)}"}`)
    const before = `services:\n${services.join('\n')}\n`
    const containers = Array.from({ length: 20_000 }, (_, at) => `{"image": "w:${String(at)}"}`)
    const started = performance.now()
    expect(pin(before).changed).toHaveLength(20_000)
    const task = `{"containerDefinitions": [${containers.join(',\n')}]}`
    expect(pin(task, pinned, 'task.json').changed).toHaveLength(20_000)
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  test('in a Compose file of JSON, which has variables, too', () => {
    const text = '{"services": {\n  "web": {"image":"host\\/web:${TAG:-1.4.2}", "command": [""]}\n}}\n'
    expect(pin(text, pinned, 'compose.json').text).toBe(text.replace('-1.4.2', `-1.4.2@${DIGEST}`))
  })

  test('in a task definition, with comments and escapes', () => {
    const before =
      '{ // shop\n\t"x": "\\u00fc\\/",\r\n "containerDefinitions" : [ {"image":"a\\/b:1" , "name":"a"},] /* end */ }\n\n'
    expect(pin(before, pinned, 'task.json').text).toBe(before.replace('b:1"', `b:1@${DIGEST}"`))
  })
})

describe('a variable that somebody sets', () => {
  const compose = (image: string): string => `services: {a: {image: '${image}'}}`

  test.each([
    ['TAG=1.5.0', {}],
    ['TAG =1.5.0', {}],
    ['export TAG="1.5.0" # new', {}],
    ["TAG: '1.5.0'", {}],
    ['TAG=', {}],
    ['TAG=${OTHER}', {}],
    ['TAG="1.4.2', {}],
    ['TAG=1.4.2\nTAG=1.5.0', {}],
    ['\uFEFFTAG=1.5.0\r\n', {}],
    ['TAG=1.4.2', { TAG: '1.5.0' }]
  ])('is unclear: %s', (text, environment) => {
    const { images, unclear } = readImages(compose('web:${TAG-1.4.2}'), 'compose.yaml', settings(text, environment))
    expect(images).toEqual([])
    expect(unclear).toMatchObject([
      { why: expect.stringMatching(/^depends on the variable TAG, which .* sets, so/) as unknown }
    ])
  })

  test.each([
    ['TAG=1.4.2', {}],
    ["export TAG='1.4.2'   # the same", {}],
    ['#TAG=1.5.0\nOTHER=1\nTAG', {}],
    ['TAG=1.5.0', { TAG: '1.4.2' }]
  ])('to its default, or not at all, is read: %s', (text, environment) => {
    const { images } = readImages(compose('web:${TAG-1.4.2}'), 'compose.yaml', settings(text, environment))
    expect(images).toMatchObject([{ reference: 'web:1.4.2' }])
  })

  test('to nothing has its default where the operator says so', () => {
    const { images } = readImages(compose('web:${TAG:-1.4.2}'), 'compose.yaml', settings('TAG='))
    expect(images).toMatchObject([{ reference: 'web:1.4.2' }])
  })

  test('to its default keeps the tag from being named exactly in it, and what stands beside it not', () => {
    const pinWith = (image: string) => {
      const text = compose(image)
      return rewrite({ text, path: 'c.yaml' }, readImages(text, 'c.yaml', settings('TAG=1\nHOST=h.io')), pinned)
    }
    expect(pinWith('web:${TAG:-1}')).toMatchObject({
      changed: [],
      unclear: [{ why: expect.stringContaining('TAG') as unknown }]
    })
    expect(pinWith('${HOST:-h.io}/web:1').text).toBe(compose(`\${HOST:-h.io}/web:1@${DIGEST}`))
  })

  test('means nothing to a task definition', () => {
    const text = '{"containerDefinitions":[{"image":"web:1"}]}'
    expect(readImages(text, 'task.json', settings('web=2')).images).toHaveLength(1)
  })
})
