import { expect, test } from '@jest/globals'
import { deployment, MINE, service, serviceDeployment } from '../../decide/service/snapshots.ts'
import { watchScripted, type Shown } from './scripted.ts'

const THERE: Shown = { service: service([deployment(MINE.id)]), listed: serviceDeployment('IN_PROGRESS') }
const COMPLETED: Shown = {
  service: service([deployment(MINE.id, { rolloutState: 'COMPLETED' })]),
  listed: serviceDeployment('SUCCESSFUL')
}

test('a service that no API finds for longer than reads lag behind is gone', async () => {
  const end = await watchScripted(at => (at < 60 ? THERE : { service: 'no-service', listed: 'none' }))
  expect(end).toMatchObject({ verdict: { kind: 'service-gone', status: 'MISSING' }, seconds: 90 })
})

test('a service whose deployment is still listed is not gone, for both vanish together', async () => {
  const end = await watchScripted(at => {
    if (at >= 120) return COMPLETED
    return at < 60 ? THERE : { ...THERE, service: 'no-service' }
  })
  expect(end).toMatchObject({ verdict: { kind: 'completed' }, seconds: 120 })
})
