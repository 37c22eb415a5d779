import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { EVENTS } from './catalogue-events.ts'
import { IMAGE_REASONS } from './catalogue-image.ts'
import { RESOURCE_REASONS } from './catalogue-resource.ts'
import { EXITS, STOPS } from './catalogue-run.ts'
import { START_REASONS } from './catalogue-start.ts'

type Row = readonly [code: string, heals: string]

/** Every class of the catalogue, and whether waiting can mend it. */
const CLASSES: readonly Row[] = [
  ...[...IMAGE_REASONS, ...RESOURCE_REASONS, ...START_REASONS].map(([, , , code, heals]): Row => [code, heals]),
  ...[...EXITS, ...STOPS].map(({ code, heals }): Row => [code, heals]),
  ...EVENTS.map(([, , code, heals]): Row => [code, heals])
]

/** What the page for users says of each code. */
function page(): ReadonlyMap<string, string> {
  const rows = readFileSync('docs/failures.md', 'utf8').matchAll(
    /^\| `([a-z-]+)` +\|[^|]*\| (yes|when certain|never) +\|/gm
  )
  return new Map([...rows].map(([, code = '', early = '']) => [code, early]))
}

function givenUpEarly(code: string): string {
  const heals = CLASSES.filter(([of]) => of === code).map(([, each]) => each)
  if (!heals.includes('no')) return 'never'
  return heals.every(each => each === 'no') ? 'yes' : 'when certain'
}

test('the page of reason codes says of each class whether it is given up early', () => {
  const codes = new Set(CLASSES.map(([code]) => code))
  // What no published message says.
  const unseen = new Map([
    ['circuit-breaker', 'never'],
    ['access-denied', 'yes'],
    ['deployment-failed', 'never']
  ])
  const expected = new Map([...[...codes].map((code): Row => [code, givenUpEarly(code)]), ...unseen])
  expect(Object.fromEntries(page())).toEqual(Object.fromEntries(expected))
})
