import { expect, test } from '@jest/globals'
import { deployment, MINE, service, serviceDeployment } from '../../decide/service/snapshots.ts'
import { watchScripted, type Shown } from './scripted.ts'

const BEFORE = deployment('ecs-svc/1', { status: 'ACTIVE', rolloutState: 'COMPLETED', createdAt: 1 })
const GOING_ON = service([deployment(MINE.id), BEFORE])
const FAILED = service([deployment(MINE.id, { rolloutState: 'FAILED' }), BEFORE])
const BACK = service([deployment('ecs-svc/1', { rolloutState: 'COMPLETED', createdAt: 1 })])
const GOING_BACK = serviceDeployment('ROLLBACK_IN_PROGRESS')

test('a rollback that was seen to begin is not taken for none because of a poll that fails', async () => {
  const end = await watchScripted(at => {
    if (at >= 300) return { service: BACK, listed: serviceDeployment('ROLLBACK_SUCCESSFUL') }
    return at === 140 ? { service: GOING_ON } : { service: GOING_ON, listed: GOING_BACK }
  })
  expect(end).toMatchObject({ verdict: { kind: 'rolled-back' }, seconds: 300 })
})

test.each<[string, Shown]>([
  ['neither API answers', {}],
  ['the service deployments are not answered', { service: FAILED }]
])('whether a rollback begins is not known while %s', async (_, shown) => {
  const end = await watchScripted(at => {
    if (at >= 300) return { service: BACK, listed: serviceDeployment('ROLLBACK_SUCCESSFUL') }
    return at === 0 ? { service: FAILED } : shown
  })
  expect(end).toMatchObject({ verdict: { kind: 'rolled-back' } })
})

test('a rollback that does not begin is known as soon as there is something to see again', async () => {
  const listed = serviceDeployment('IN_PROGRESS')
  const end = await watchScripted(at => (at === 0 || at >= 300 ? { service: FAILED, listed } : {}))
  expect(end).toMatchObject({ verdict: { kind: 'failed' }, blindness: undefined })
  expect(end.seconds).toBeLessThanOrEqual(320)
})
