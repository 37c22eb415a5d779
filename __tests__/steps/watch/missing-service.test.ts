import { expect, test } from '@jest/globals'
import { deployment, MINE, service, serviceDeployment } from '../../decide/service/snapshots.ts'
import { watchScripted, type Shown } from './scripted.ts'

const THERE: Shown = { service: service([deployment(MINE.id)]), listed: serviceDeployment('IN_PROGRESS') }
test('a service that is not found for longer than reads lag behind is gone', async () => {
  const end = await watchScripted(at => (at < 60 ? THERE : { service: 'no-service', listed: 'none' }))
  expect(end).toMatchObject({ verdict: { kind: 'service-gone', status: 'MISSING' }, seconds: 90 })
})

test('whether its deployment is listed still or not: DescribeServices knows the service', async () => {
  const end = await watchScripted(at => (at < 60 ? THERE : { ...THERE, service: 'no-service' }))
  expect(end).toMatchObject({ verdict: { kind: 'service-gone', status: 'MISSING' }, seconds: 90 })
})
