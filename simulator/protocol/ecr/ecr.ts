import type { Ecr } from '../../cloud/ecr/ecr.ts'
import { EcrFault } from '../../cloud/ecr/fault.ts'
import { AwsError, type Operation, type ServiceProtocol } from '../operation.ts'
import { imageOperations } from './images.ts'
import { layerOperations } from './layers.ts'
import { repositoryOperations } from './repositories.ts'
import { scanOperations } from './scans.ts'

/** Amazon ECR's API as AWS JSON 1.1 carries it. */
export function ecrProtocol(ecr: Ecr): ServiceProtocol {
  const operations = {
    ...repositoryOperations(ecr),
    ...imageOperations(ecr),
    ...layerOperations(ecr),
    ...scanOperations(ecr)
  }
  return {
    service: 'ecr',
    targetPrefix: 'AmazonEC2ContainerRegistry_V20150921',
    operations: Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, worded(operation)]))
  }
}

/** The operation with the cloud's refusals turned into the exceptions of the API. */
function worded(operation: Operation): Operation {
  return async (input, caller) => {
    try {
      return await operation(input, caller)
    } catch (error) {
      if (!(error instanceof EcrFault)) throw error
      throw new AwsError(`${error.kind}Exception`, error.message, 400, error.members)
    }
  }
}
