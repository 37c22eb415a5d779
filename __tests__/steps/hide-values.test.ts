import { expect, test } from '@jest/globals'
import { hideValues } from '../../src/steps/hide-values.ts'
import { shop, WEB } from '../action/shop.ts'
import { virtualWorld } from '../properties/virtual-world.ts'
import { deployment, service, serviceDeployment } from '../decide/service/snapshots.ts'

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

test('so does why a deployment failed, in whichever API, before anybody cuts it', async () => {
  const { world, close } = virtualWorld(shop(), [])
  const port = await world.ecs()
  const said = 'bad --password=hunter2-Zq9'
  const failed = { ...serviceDeployment('STOPPED'), statusReason: said, rollback: { reason: said, toRevisionArn: '1' } }
  const reads = {
    describeService: () => Promise.resolve(service([deployment('ecs-svc/2', { rolloutStateReason: said })])),
    describeServiceDeployment: () => Promise.resolve(failed),
    listServiceDeployments: () => Promise.resolve([failed])
  }
  const environment = [{ name: 'DB_PASSWORD', value: 'hunter2-Zq9' }]
  const hidden = hideValues({ ...port, ...reads, polling: () => ({ ...port.polling(), ...reads }) }, [
    { containerDefinitions: [{ name: 'web', environment }] }
  ])
  for (const through of [hidden, hidden.polling()]) {
    const told = await Promise.all([
      through.describeService(WEB.cluster, WEB.service),
      through.describeServiceDeployment('arn'),
      through.listServiceDeployments(WEB.cluster, WEB.service)
    ])
    expect(JSON.stringify(told)).not.toContain('hunter2')
    expect(JSON.stringify(told).match(/bad --password=\$\{DB_PASSWORD\}/g)).toHaveLength(5)
  }
  close()
})
