import { expect, test } from '@jest/globals'
import { hideValues } from '../../src/steps/hide-values.ts'
import { shop, WEB } from '../action/shop.ts'
import { virtualWorld } from '../properties/virtual-world.ts'
import { service } from '../decide/service/snapshots.ts'

test('what ECS says of a service shows the names of variables in the place of their values', async () => {
  const { world, close } = virtualWorld(shop(), [])
  const events = [{ id: '1', createdAt: 1, message: '(service web) failed: --password=hunter2-Zq9 eu-west-1' }]
  const port = await world.ecs()
  const describeService = () => Promise.resolve(service([], { events }))
  const ecs = { ...port, describeService, polling: () => ({ ...port.polling(), describeService }) }
  const environment = [
    { name: 'DB_PASSWORD', value: 'hunter2-Zq9' },
    { name: 'REGION', value: 'eu-west-1' }
  ]
  const hidden = hideValues(ecs, [{ containerDefinitions: [{ name: 'web', environment }] }])
  for (const reads of [hidden, hidden.polling()]) {
    expect(await reads.describeService(WEB.cluster, WEB.service)).toMatchObject({
      events: [{ message: '(service web) failed: --password=${DB_PASSWORD} eu-west-1' }]
    })
  }
  close()
})
