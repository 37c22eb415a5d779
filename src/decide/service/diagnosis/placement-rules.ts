import { find, tail, type Cause, type StopRule } from './stop-rule.ts'

const SHORTAGES = new Map<string, string>([
  ['CPU', 'no container instance has enough CPU left'],
  ['MEMORY', 'no container instance has enough memory left'],
  ['ENI', 'no container instance has a network interface left'],
  ['GPU', 'no container instance has a GPU left'],
  ['PORTS', 'every container instance already uses a port that the task needs']
])

const MORE_INSTANCES =
  'add container instances (a capacity provider does it by itself), or lower what the task asks for'

/** What keeps a task from a place to run: capacity, limits, network interfaces, hosts that went away. */
export const PLACEMENT_RULES: readonly StopRule[] = [
  {
    all: [/Capacity is unavailable/i],
    read: () =>
      capacity(
        'AWS has no capacity left for the task at this time',
        'add subnets in other zones, or use FARGATE besides FARGATE_SPOT; an account that is blocked reads the same'
      )
  },
  {
    all: [/RESOURCE:(?:CPU|MEMORY|ENI|PORTS|GPU)/],
    read: text => capacity(SHORTAGES.get(find(text, /RESOURCE:([A-Z]+)/) ?? '') ?? 'no room', MORE_INSTANCES)
  },
  {
    all: [/(?:^|: )(?:ATTRIBUTE|LOCATION)$|placement constraint unsatisfied|is missing an attribute/i],
    read: () =>
      capacity(
        'no container instance fits the attributes or placement constraints of the task',
        'correct the placement constraints, or add container instances that fit them'
      )
  },
  {
    all: [/(?:^|: )AGENT$|encountered error "?AGENT/],
    read: text => {
      const instance = find(text, /container-instance ([0-9a-f-]{4,40})/)
      return capacity(
        `the agent of the container instance${instance === undefined ? '' : ` ${instance}`} is not connected`,
        'restart or replace the container instance'
      )
    }
  },
  {
    all: [/No Container Instances were found/i],
    read: () =>
      capacity(
        'the cluster has no container instance',
        'let the Auto Scaling group of the capacity provider start instances that join this cluster'
      )
  },
  {
    all: [/no container instance met all of its requirements/i],
    read: text => {
      const closest = find(text, /insufficient (CPU|memory)/i)
      const why = closest === undefined ? '' : ` (the closest has too little ${closest})`
      const words = /already using a port/i.test(text)
        ? (SHORTAGES.get('PORTS') ?? '')
        : `no container instance has room for the task${why}`
      return capacity(words, MORE_INSTANCES)
    }
  },
  {
    all: [/provisioning capacity limit was exceeded/i],
    read: () => capacity('the cluster has too many tasks waiting for capacity', MORE_INSTANCES)
  },
  {
    all: [/account is currently blocked/i],
    read: () => ({
      code: 'account-blocked',
      words: 'AWS has blocked this account from starting tasks',
      remedy: 'ask AWS Support to lift the block; that on a new account often ends by itself',
      // The check of a new account does.
      heals: 'maybe'
    })
  },
  {
    all: [/reached the limit on the number of (?:tasks|vCPUs)/i],
    read: text => ({
      code: 'account-limit',
      words: `the account's limit of ${find(text, /number of (tasks|vCPUs)/i) ?? 'tasks'} running at once is reached`,
      remedy: 'raise the Fargate quota in Service Quotas, or stop other tasks',
      heals: 'maybe'
    })
  },
  {
    all: [/requested (?:CPU|memory) configuration is above your limit/i],
    read: text => ({
      code: 'account-limit',
      words: `the task asks for more ${/requested CPU/i.test(text) ? 'CPU' : 'memory'} than the account may use`,
      remedy: 'lower cpu and memory in the task definition, or raise the quota in Service Quotas',
      heals: 'no'
    })
  },
  {
    all: [/network interface provisioning/i],
    read: () =>
      networkInterface(
        'the network interface of the task was not ready in time',
        'deploy again; if it stays, check the quota of network interfaces in Service Quotas'
      )
  },
  {
    all: [/InsufficientFreeAddresses/i],
    read: text => {
      const subnet = find(text, /\b(subnet-[0-9a-z]+)/)
      return networkInterface(
        `${subnet === undefined ? 'the subnet' : `the subnet ${subnet}`} has no free IP address`,
        'give the service larger or more subnets, or free addresses'
      )
    }
  },
  {
    all: [/Create Network Interface/i],
    read: text =>
      networkInterface(
        `EC2 refused the network interface of the task: ${find(text, /: ([A-Za-z.]{1,100})$/) ?? tail(text)}`,
        'check the subnets and security groups of the service'
      )
  },
  {
    all: [/EphemeralStorage provisioning/i],
    read: () => infrastructure('the ephemeral storage of the task was not ready in time', 'maybe')
  },
  {
    all: [/Host EC2 \(?(?:instance)? ?i-|instance deregistration forced/i],
    read: text => {
      const instance = find(text, /\b(i-[0-9a-f]+)/)
      return infrastructure(`the container instance${instance === undefined ? '' : ` ${instance}`} went away`, 'yes')
    }
  },
  {
    all: [/Spot Task was interrupted|Spot interruption/i],
    read: () => spotInterruption()
  }
]

/** The cause of a task whose Spot capacity AWS took back. */
export function spotInterruption(): Cause {
  return {
    code: 'spot-interruption',
    words: 'AWS took back the Spot capacity',
    remedy: 'give the service a base of FARGATE capacity besides FARGATE_SPOT',
    heals: 'yes'
  }
}

/** A fault of the platform that ECS answers with another task. */
export function infrastructure(words: string, heals: Cause['heals']): Cause {
  return { code: 'infrastructure', words, remedy: 'deploy again; if it stays, ask AWS Support', heals }
}

function capacity(words: string, remedy: string): Cause {
  return { code: 'capacity-unavailable', words, remedy, heals: 'maybe' }
}

function networkInterface(words: string, remedy: string): Cause {
  return { code: 'network-interface', words, remedy, heals: 'maybe' }
}
