import { describe, expect, test } from '@jest/globals'
import { readImages } from '../../../src/decide/pin/rewrite.ts'
import { settingsOf, UNSET, type SettingsOf } from '../../../src/decide/pin/settings.ts'

function referencesOf(text: string, settings: SettingsOf = UNSET): readonly string[] {
  return readImages(text, 'compose.yaml', settings).images.map(({ reference }) => reference)
}

describe('the image of a service that is built is left alone', () => {
  const BUILT = 'reg.example/web:${TAG:-1.2.0}'

  test.each([
    ['by an anchor', 'x-image: &image web:dev\nservices:\n  web: {build: ., image: *image}\n  worker: {image: *image}'],
    ['by the same text', 'services:\n  web: {build: ., image: web:dev}\n  worker: {image: "web:dev"}'],
    [
      'by another spelling',
      'services:\n  web: {build: ., image: web}\n  worker: {image: "docker.io/library/web:latest"}'
    ],
    ['whatever its variable is', 'services:\n  web: {build: ., image: "web:${TAG}"}\n  worker: {image: "web:${TAG}"}'],
    [
      'by the default of a variable',
      `services:\n  web: {build: ., image: "${BUILT}"}\n  worker: {image: "reg.example/web:1.2.0"}`
    ]
  ])('where another one shares it %s', (_, text) => {
    const read = readImages(text, 'compose.yaml')
    expect(read).toMatchObject({ images: [], unclear: [], sites: [] })
    expect(read.notes).toContain("'worker' has the image of a service that is built, so it is left alone")
  })

  test('also as that of a volume', () => {
    const text =
      'services:\n  web: {build: ., image: web:1}\n  a: {image: a:1, volumes: [{type: image, source: web:1}]}'
    expect(referencesOf(text)).toEqual(['a:1'])
  })

  test('but not by a digest, under which nothing can be built', () => {
    const image = `web:1@sha256:${'a'.repeat(64)}`
    const text = `services:\n  web: {build: ., image: "${image}"}\n  worker: {image: "${image}"}`
    expect(referencesOf(text)).toEqual([image])
  })

  test('and no other one', () => {
    const text = [
      'services:',
      `  web: {build: ., image: "${BUILT}"}`,
      '  tag: {image: "reg.example/web:1.3.0"}',
      '  name: {image: "reg.example/webs:1.2.0"}',
      '  host: {image: "web:1.2.0"}'
    ].join('\n')
    const others = ['reg.example/web:1.3.0', 'reg.example/webs:1.2.0', 'web:1.2.0']
    expect(referencesOf(text)).toEqual(others)
    // Once its variable is set, nobody knows here what is built.
    const set = settingsOf({ TAG: '7' }, [])
    expect(referencesOf(text.replace('web:1.3.0', 'web:1.2.0'), set)).toEqual([
      'reg.example/web:1.2.0',
      ...others.slice(1)
    ])
  })
})
