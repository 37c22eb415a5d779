import type { ServiceSnapshot } from '../decide/service/snapshot.ts'
import { isActive } from '../decide/service/status.ts'
import { closest, listed, quoted } from '../decide/wording.ts'
import { Failure } from '../failure.ts'
import type { EcsPort } from '../io/aws/ecs.ts'

/** Reads the service and fails, with the candidates, when it is not there or takes no deployments from here. */
export async function observeService(
  ecs: EcsPort,
  region: string,
  cluster: string,
  name: string
): Promise<ServiceSnapshot> {
  const service = await ecs.describeService(cluster, name).catch((error: unknown) => {
    throw orMistyped(error, cluster, name)
  })
  if (service === 'no-cluster') throw await noCluster(ecs, region, cluster)
  if (service === 'no-service') throw await noService(ecs, region, cluster, name)
  if (!isActive(service.status)) {
    throw new Failure('service-inactive', `the service ${quoted(name)} is ${service.status}: it takes no deployments`, {
      remedy: 'create the service again, or name another one'
    })
  }
  if (service.controller !== 'ECS') {
    throw new Failure(
      'unsupported-controller',
      `the service ${quoted(name)} is deployed by ${service.controller}, not by ECS itself`,
      { remedy: 'change its deployment controller to ECS, or deploy it with the tool that controls it' }
    )
  }
  return service
}

/** With rights for one service, AWS does not tell a wrong name from a forbidden one. */
function orMistyped(error: unknown, cluster: string, name: string): unknown {
  if (!(error instanceof Failure) || error.code !== 'access-denied') return error
  const check = `check the names: service ${quoted(name)} in cluster ${quoted(cluster)}`
  const remedy = error.remedy === undefined ? check : `${check}; if they are right, ${error.remedy}`
  return new Failure(error.code, error.message, { remedy, cause: error })
}

async function noCluster(ecs: EcsPort, region: string, cluster: string): Promise<Failure> {
  const names = await ecs.clusterNames().catch(() => [])
  return new Failure('cluster-not-found', `there is no cluster ${quoted(cluster)} in ${region}`, {
    remedy: remedy(cluster, names, `check the region; clusters in ${region}`)
  })
}

async function noService(ecs: EcsPort, region: string, cluster: string, name: string): Promise<Failure> {
  const names = await ecs.serviceNames(cluster).catch(() => [])
  return new Failure(
    'service-not-found',
    `there is no service ${quoted(name)} in cluster ${quoted(cluster)} in ${region}`,
    {
      remedy: remedy(name, names, `check the cluster and the region; services in ${quoted(cluster)}`)
    }
  )
}

function remedy(wrong: string, names: readonly string[], otherwise: string): string {
  const near = closest(wrong, names)
  if (near !== undefined) return `did you mean ${quoted(near)}?`
  // Nothing listed may also mean that this job may not list.
  return names.length === 0 ? 'check the name, the cluster and the region' : `${otherwise}: ${listed(names)}`
}
