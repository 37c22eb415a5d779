import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from '@jest/globals'
import { formatShapes, MODELLED_SERVICES, shapesFile, shapesOf } from '../../../scripts/shapes.ts'
import { createClock } from '../../../simulator/clock.ts'
import { shapesOfService } from '../../../simulator/protocol/aws-json/shapes.ts'
import { Simulation } from '../../../simulator/simulation.ts'

describe('the committed shapes', () => {
  test.each(MODELLED_SERVICES)('of %s are what scripts/shapes.ts makes of the installed SDK', service => {
    expect(readFileSync(shapesFile(service), 'utf8')).toBe(formatShapes(shapesOf(service)))
  })
})

describe('the operations', () => {
  const simulation = new Simulation({}, createClock({ clock: 'manual' }), '127.0.0.1:5000')
  afterAll(() => {
    simulation.close()
  })

  test.each(simulation.home.services.map(service => [service.service, service] as const))(
    'of %s that are served are those with a shape',
    (name, { operations }) => {
      expect(Object.keys(operations).toSorted()).toEqual(Object.keys(shapesOfService(name).operations).toSorted())
    }
  )
})
