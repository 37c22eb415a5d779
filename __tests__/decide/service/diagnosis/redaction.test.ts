import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readContainerFacts } from '../../../../src/decide/service/diagnosis/container-facts.ts'
import { readRedactions, redact } from '../../../../src/decide/service/diagnosis/redaction.ts'
import { symptomsOf } from '../../../../src/decide/service/diagnosis/symptoms.ts'
import { event } from './tasks.ts'

const IMAGE = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:main-2222222'

function hide(
  text: string,
  environment: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string[]>> = {}
) {
  const variables = Object.entries(environment).map(([name, value]) => ({ name, value }))
  const container = { name: 'web', image: IMAGE, environment: variables, ...more }
  return redact(text, readRedactions({ family: 'web', containerDefinitions: [container] }))
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16)}`)
}

function asHtml(text: string): string {
  const names = new Map(Object.entries({ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }))
  return text.replace(/[&<>"']/g, character => `&${names.get(character) ?? ''};`)
}

function byteOfPython(byte: number): string {
  const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c
  return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
}

function octal(byte: number): string {
  const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c
  return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
}

describe('the value of an environment variable', () => {
  test('is shown as the name of the variable', () => {
    const line = 'cannot connect to postgres://app:hunter22@db/main'
    expect(hide(line, { DATABASE_URL: 'postgres://app:hunter22@db/main' })).toBe('cannot connect to ${DATABASE_URL}')
  })

  test('is not shown because the command line has it too', () => {
    expect(hide('bad token abcdef0123', { TOKEN: 'abcdef0123' }, { command: ['serve', '--token=abcdef0123'] })).toBe(
      'bad token ${TOKEN}'
    )
  })

  test('is hidden line by line', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n'
    expect(hide('read MIIEvQIBADANBg', { KEY: key })).toBe('read ${KEY}')
  })

  test('is hidden as it is written in JSON, in a URL, without its outer blanks, and between colours', () => {
    const value = ' a<"q\\ü&x '
    const { stringify } = JSON
    const html = stringify(value).replace('<', '\\u003c').replace('&', '\\u0026')
    const ascii = stringify(value).replace('ü', '\\u00fc')
    for (const written of [value, stringify(value), html, ascii, encodeURIComponent(value), 'a<"q\\ü&x']) {
      expect(hide(written, { PW: value })).toContain('${PW}')
      expect(hide(written, { PW: value })).not.toMatch(/a.*q.*x/)
    }
    expect(hide('pw=\u001b[31mhunt\u001b[1mer22\u001b[0m', { PW: 'hunter22' })).toBe('pw=${PW}')
  })

  test.each<[string, (text: string) => string]>([
    ['PHP', text => JSON.stringify(text).replaceAll('/', '\\/')],
    ['.NET', text => text.replace(/[^A-Za-z0-9 ]/g, unicode).replace(/[\da-f]{4}/g, hex => hex.toUpperCase())],
    ['Gson', text => JSON.stringify(text).replace(/[<>&='\u2028\u2029]/g, unicode)],
    ['Python in ASCII', text => JSON.stringify(text).replace(/[^\x20-\x7e]/g, unicode)],
    ['JSON in JSON', text => JSON.stringify(JSON.stringify({ text }))],
    ['PHP in JSON in JSON', text => JSON.stringify(JSON.stringify(JSON.stringify(text).replaceAll('/', '\\/')))],
    ['a form', text => new URLSearchParams({ text: wellFormed(text) }).toString()],
    ['a URL of JavaScript', text => encodeURI(wellFormed(text))],
    ['a part of a URL', text => encodeURIComponent(wellFormed(text))],
    ['a part of a URL of Python', text => percentEncoded(wellFormed(text))],
    ['the same in lower case', text => percentEncoded(wellFormed(text)).toLowerCase()],
    ['a URL in a URL', text => encodeURIComponent(encodeURIComponent(wellFormed(text)))],
    ['HTML', text => text.replace(/[&<>"']/g, character => `&#${String(character.charCodeAt(0))};`)],
    ['HTML by names', asHtml],
    ['HTML in HTML', text => asHtml(asHtml(text))],
    ['bytes of Python', text => [...Buffer.from(text)].map(byteOfPython).join('')],
    ['a text of Python', text => text.replace(/[\\']/g, '\\$&').replaceAll('\t', '\\t')],
    ['a shell', text => text.replace(/[^A-Za-z0-9]/gu, '\\$&')],
    ['C', text => [...Buffer.from(text)].map(octal).join('')],
    ['Perl', text => text.replace(/[^A-Za-z0-9]/gu, sign => `\\x{${(sign.codePointAt(0) ?? 0).toString(16)}}`)],
    ['a traced shell', text => `'${text.replaceAll("'", `'\\''`)}'`],
    ['a command line of Python', text => `'${text.replaceAll("'", `'"'"'`)}'`],
    ['SQL', text => `'${text.replaceAll("'", "''")}'`],
    ['CSV', text => `"${text.replaceAll('"', '""')}"`],
    ['JSON in a URL', text => encodeURIComponent(JSON.stringify(wellFormed(text)))],
    ['an access log', text => text.replace(/["\\\x00-\x1f]/g, character => byteOfPython(character.charCodeAt(0)))]
  ])('never gets through as %s writes it', (_, write) => {
    // Lower case is another value, unless it is of digits and signs.
    const character = fc.oneof(
      fc.constantFrom(...Array.from(`0123456789 +/\\'"&<>=%!()*#;{}$?@:,~^|[]-_.`)),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }).filter(one => one === one.toLowerCase())
    )
    const value = fc.array(character, { minLength: 4, maxLength: 30 }).map(all => `7-${all.join('')}-7`)
    fc.assert(
      fc.property(
        value.filter(text => !/[\r\n]/.test(text)),
        text => {
          // Neither the beginning of the value nor its end is left.
          expect(hide(`(${write(text)})`, { A: text })).toMatch(/^\([^7]*\$\{A\}[^7]*\)$/)
        }
      )
    )
  })

  test('is hidden as .NET, PHP and forms write it', () => {
    expect(hide('{"cs":"AccountKey=Zq9\\u002BKk77\\u002BMm=="}', { A: 'AccountKey=Zq9+Kk77+Mm==' })).toBe(
      '{"cs":"${A}"}'
    )
    expect(hide('{"dsn":"pg:\\/\\/app:Sup3r@db\\/app"}', { A: 'pg://app:Sup3r@db/app' })).toBe('{"dsn":"${A}"}')
    expect(hide('password=correct+Horse%2099&x', { A: 'correct Horse 99' })).toBe('password=${A}&x')
  })

  test('leaves nothing of values that overlap, or that are long, or cut', () => {
    expect(hide('t abcdef123xyz789 t', { A: 'abcdef123', B: '123xyz789' })).toBe('t ${A}${B} t')
    const long = 'Zk9/'.repeat(1_000)
    expect(hide(`x ${long} y ${long.slice(0, 2_048)}…`, { A: long })).toBe('x ${A} y ${A}…')
    expect(hide(`x ${'Zk9/'.repeat(10)} y`, { A: long })).toBe(`x ${'Zk9/'.repeat(10)} y`)
  })

  test('is hidden where a text ends in the middle of it, or is cut there', () => {
    expect(hide('bad token hunter2-Zq9-abcd', { TOKEN: 'hunter2-Zq9-abcdef' })).toBe('bad token ${TOKEN}')
    expect(hide('bad token hunter2-Z… and more', { TOKEN: 'hunter2-Zq9-abcdef' })).toBe('bad token ${TOKEN}… and more')
    expect(hide('bad token hunter2-Z...', { TOKEN: 'hunter2-Zq9-abcdef' })).toBe('bad token ${TOKEN}...')
    const long = Array.from({ length: 1_000 }, (_, index) => `Zk${String(index)}/`).join('')
    for (const length of [50, 100, 1_001]) expect(hide(`x ${long.slice(0, length)}`, { A: long })).toBe('x ${A}')
    expect(hide('the service', { NAME: 'service-a' })).toBe('the service')
    expect(hide('hunter2-Z is not it', { TOKEN: 'hunter2-Zq9-abcdef' })).toBe('hunter2-Z is not it')
  })

  test('is found in a moment, whatever is made to take long', () => {
    const values = {
      A: '\\"'.repeat(60),
      B: '%'.repeat(120),
      C: '&'.repeat(120),
      D: 'a'.repeat(60_000),
      E: '\\'.repeat(90)
    }
    for (const text of ['\\', '\\\\"', "'", '"', '%25', '&amp;', 'a', '%5c', '\\x', '%c3']) {
      const before = process.cpuUsage().user
      hide(`${text.repeat(20_000 / text.length)}!`, values)
      expect(process.cpuUsage().user - before).toBeLessThan(2_000_000)
    }
  })

  test('hides the longest first, and is put back as it is', () => {
    expect(hide('secret-1-more, secret-1', { A: 'secret-1', B: 'secret-1-more' })).toBe('${B}, ${A}')
    expect(hide('x secret-1', { '$&': 'secret-1' })).toBe('x ${$&}')
    expect(hide('(a|b)*+[c]', { RULE: '(a|b)*+[c]' })).toBe('${RULE}')
  })

  test('is shown when it is a flag or a port, or something that the task definition says elsewhere', () => {
    const text = `8080 debug eu-west-1 ${IMAGE}`
    expect(hide(text, { PORT: '8080', LEVEL: 'debug', AWS_REGION: 'eu-west-1', SELF: IMAGE })).toBe(text)
  })

  test('is hidden in what containers log and shown in what AWS says when it is a word or a region', () => {
    const variables = ['staging', 'eu-central-2', 'Hunter'].map((value, index) => ({
      name: `V${String(index)}`,
      value
    }))
    const facts = readContainerFacts({ containerDefinitions: [{ name: 'web', environment: variables }] })
    const text = 'staging-web in eu-central-2 by Hunter'
    expect(redact(text, facts.redactions)).toBe('${V0}-web in ${V1} by ${V2}')
    expect(symptomsOf(facts, [], [event(text)]).events[0]?.message).toBe('staging-web in eu-central-2 by ${V2}')
  })

  test('is an option of a log driver, too, when that opens a door', () => {
    const options = { 'splunk-token': 'abcdef0123', 'splunk-url': 'https://splunk:8088' }
    const containers = [{ name: 'web', logConfiguration: { logDriver: 'splunk', options } }]
    expect(redact('abcdef0123 https://splunk:8088', readRedactions({ containerDefinitions: containers }))).toBe(
      '${splunk-token} https://splunk:8088'
    )
  })

  test('is what stands in the place of the ARN of a secret, even when it is a word', () => {
    const from = (valueFrom: string) => [{ name: 'PW', valueFrom }]
    const container = { name: 'web', image: 'team/orders:1', logConfiguration: { secretOptions: from('hunter2Zq9') } }
    const redactions = (valueFrom: string) =>
      readRedactions({ containerDefinitions: [{ ...container, secrets: from(valueFrom) }] })
    expect(redact('no hunter, no hunter2Zq9', redactions('hunter'))).toBe('no ${PW}, no ${PW}')
    const [redaction] = redactions('hunter')
    expect(redaction?.isWord).toBe(false)
    for (const named of ['/prod/hunter', 'arn:aws:ssm:eu-west-1:123456789012:parameter/hunter', 'orders'])
      expect(redact(`no ${named}`, redactions(named))).toBe(`no ${named}`)
  })

  test('never gets through', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 6, maxLength: 40 }).filter(text => !/[\r\n]/.test(text))
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), fc.string(), (values, between) => {
        // What stands for a value has none of these characters.
        const secrets = values.map(text => `\u00a7${text}\u00a7`)
        const environment = Object.fromEntries(secrets.map((secret, index) => [`V${String(index)}`, secret]))
        const hidden = hide(secrets.join(between), environment)
        for (const secret of secrets) expect(hidden).not.toContain(secret)
      })
    )
  })
})
