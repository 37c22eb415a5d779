/**
 * What the API's model says about a part of a task definition: text, text that null leaves empty, a whole number,
 * a flag, texts by free names, a list, or an object with named members.
 */
export type Shape = 'text' | 'text or empty' | 'number' | 'flag' | 'texts by name' | ListShape | ObjectShape

/** A list whose items all have one shape. */
export interface ListShape {
  readonly items: Shape
}

/** An object whose member names the API fixes. */
export interface ObjectShape {
  readonly members: Readonly<Record<string, Shape>>
}

const texts: ListShape = { items: 'text' }

function list(members: ObjectShape['members']): ListShape {
  return { items: { members } }
}

// `value:` with nothing behind it is how YAML writes an empty environment variable.
const pairs = list({ name: 'text', value: 'text or empty' })
const secrets = list({ name: 'text', valueFrom: 'text' })

/** Members of a container definition. */
const CONTAINER: ObjectShape = {
  members: {
    name: 'text',
    image: 'text',
    repositoryCredentials: { members: { credentialsParameter: 'text' } },
    cpu: 'number',
    memory: 'number',
    memoryReservation: 'number',
    links: texts,
    portMappings: list({
      containerPort: 'number',
      hostPort: 'number',
      protocol: 'text',
      name: 'text',
      appProtocol: 'text',
      containerPortRange: 'text'
    }),
    essential: 'flag',
    restartPolicy: {
      members: { enabled: 'flag', ignoredExitCodes: { items: 'number' }, restartAttemptPeriod: 'number' }
    },
    entryPoint: texts,
    command: texts,
    environment: pairs,
    environmentFiles: list({ value: 'text', type: 'text' }),
    mountPoints: list({ sourceVolume: 'text', containerPath: 'text', readOnly: 'flag' }),
    volumesFrom: list({ sourceContainer: 'text', readOnly: 'flag' }),
    linuxParameters: {
      members: {
        capabilities: { members: { add: texts, drop: texts } },
        devices: list({ hostPath: 'text', containerPath: 'text', permissions: texts }),
        initProcessEnabled: 'flag',
        sharedMemorySize: 'number',
        tmpfs: list({ containerPath: 'text', size: 'number', mountOptions: texts }),
        maxSwap: 'number',
        swappiness: 'number'
      }
    },
    secrets,
    dependsOn: list({ containerName: 'text', condition: 'text' }),
    startTimeout: 'number',
    stopTimeout: 'number',
    versionConsistency: 'text',
    hostname: 'text',
    user: 'text',
    workingDirectory: 'text',
    disableNetworking: 'flag',
    privileged: 'flag',
    readonlyRootFilesystem: 'flag',
    dnsServers: texts,
    dnsSearchDomains: texts,
    extraHosts: list({ hostname: 'text', ipAddress: 'text' }),
    dockerSecurityOptions: texts,
    interactive: 'flag',
    pseudoTerminal: 'flag',
    dockerLabels: 'texts by name',
    ulimits: list({ name: 'text', softLimit: 'number', hardLimit: 'number' }),
    logConfiguration: { members: { logDriver: 'text', options: 'texts by name', secretOptions: secrets } },
    healthCheck: {
      members: { command: texts, interval: 'number', timeout: 'number', retries: 'number', startPeriod: 'number' }
    },
    systemControls: list({ namespace: 'text', value: 'text' }),
    resourceRequirements: list({ type: 'text', value: 'text', sharingStrategy: 'text' }),
    firelensConfiguration: { members: { type: 'text', options: 'texts by name' } },
    credentialSpecs: texts
  }
}

const VOLUME: ObjectShape = {
  members: {
    name: 'text',
    host: { members: { sourcePath: 'text' } },
    dockerVolumeConfiguration: {
      members: {
        scope: 'text',
        autoprovision: 'flag',
        driver: 'text',
        driverOpts: 'texts by name',
        labels: 'texts by name'
      }
    },
    efsVolumeConfiguration: {
      members: {
        fileSystemId: 'text',
        rootDirectory: 'text',
        transitEncryption: 'text',
        transitEncryptionPort: 'number',
        authorizationConfig: { members: { accessPointId: 'text', iam: 'text' } }
      }
    },
    s3filesVolumeConfiguration: {
      members: {
        fileSystemArn: 'text',
        rootDirectory: 'text',
        transitEncryptionPort: 'number',
        accessPointArn: 'text'
      }
    },
    fsxWindowsFileServerVolumeConfiguration: {
      members: {
        fileSystemId: 'text',
        rootDirectory: 'text',
        authorizationConfig: { members: { credentialsParameter: 'text', domain: 'text' } }
      }
    },
    configuredAtLaunch: 'flag'
  }
}

/**
 * Members of the RegisterTaskDefinition request, after the service model of the SDK this project pins; a test
 * compares the two. It only ever adds advice and turns scalars into text: a member missing here is still sent.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
 */
export const TASK_DEFINITION: ObjectShape = {
  members: {
    family: 'text',
    containerDefinitions: { items: CONTAINER },
    taskRoleArn: 'text',
    executionRoleArn: 'text',
    networkMode: 'text',
    volumes: { items: VOLUME },
    placementConstraints: list({ type: 'text', expression: 'text' }),
    requiresCompatibilities: texts,
    cpu: 'text',
    memory: 'text',
    tags: list({ key: 'text', value: 'text' }),
    pidMode: 'text',
    ipcMode: 'text',
    proxyConfiguration: { members: { containerName: 'text', type: 'text', properties: pairs } },
    inferenceAccelerators: list({ deviceName: 'text', deviceType: 'text' }),
    ephemeralStorage: { members: { sizeInGiB: 'number' } },
    runtimePlatform: { members: { cpuArchitecture: 'text', operatingSystemFamily: 'text' } },
    enableFaultInjection: 'flag'
  }
}

/** What DescribeTaskDefinition says about a revision and RegisterTaskDefinition does not take. */
export const READ_ONLY_MEMBERS: readonly string[] = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt'
]
