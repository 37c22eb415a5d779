import type { JsonObject } from '../../protocol/operation.ts'
import type { Timeline } from '../timeline.ts'
import type { WorldGitHub } from '../world.ts'
import { Commits } from './commits.ts'

export interface DeploymentStatus {
  readonly id: number
  readonly state: string
  readonly description: string
  readonly environmentUrl: string
  readonly logUrl: string
  readonly createdAt: number
}

export interface GitHubDeployment {
  readonly id: number
  readonly sha: string
  readonly ref: string
  readonly task: string
  readonly environment: string
  readonly description: string | null
  readonly payload: JsonObject | string
  readonly createdAt: number
  /** Newest first, as the API lists them. */
  readonly statuses: DeploymentStatus[]
}

export interface Comment {
  readonly id: number
  readonly issue: number
  body: string
  readonly createdAt: number
  updatedAt: number
}

/** One repository on GitHub, as far as deployments, comparisons and comments go. */
export interface GitHubRepository {
  readonly name: string
  readonly commits: Commits
  readonly issues: ReadonlySet<number>
  readonly deployments: GitHubDeployment[]
  readonly comments: Comment[]
}

/** GitHub with the repositories of a world. */
export class GitHub {
  readonly #repositories = new Map<string, GitHubRepository>()
  readonly #timeline: Timeline
  #id = 0

  constructor(world: WorldGitHub, timeline: Timeline) {
    this.#timeline = timeline
    for (const repository of world.repositories ?? []) {
      this.#repositories.set(repository.name.toLowerCase(), {
        name: repository.name,
        commits: new Commits(repository),
        issues: new Set(repository.issues),
        deployments: [],
        comments: []
      })
    }
  }

  /** A repository by `owner/name`, in any case. */
  repository(name: string): GitHubRepository | undefined {
    return this.#repositories.get(name.toLowerCase())
  }

  deploy(
    repository: GitHubRepository,
    order: Omit<GitHubDeployment, 'id' | 'createdAt' | 'statuses'>
  ): GitHubDeployment {
    const deployment = { ...order, id: this.#nextId(), createdAt: this.#timeline.now(), statuses: [] }
    repository.deployments.unshift(deployment)
    return deployment
  }

  /**
   * Adds a status. A success makes the earlier successful deployments of the environment inactive unless `autoInactive`
   * is false: https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
   */
  setStatus(
    repository: GitHubRepository,
    deployment: GitHubDeployment,
    order: Omit<DeploymentStatus, 'id' | 'createdAt'>,
    autoInactive: boolean
  ): DeploymentStatus {
    const add = (target: GitHubDeployment, status: Omit<DeploymentStatus, 'id' | 'createdAt'>): DeploymentStatus => {
      const added = { ...status, id: this.#nextId(), createdAt: this.#timeline.now() }
      target.statuses.unshift(added)
      return added
    }
    if (order.state === 'success' && autoInactive) {
      for (const other of repository.deployments) {
        const replaced = other !== deployment && other.environment === deployment.environment
        const [latest] = other.statuses
        if (replaced && latest?.state === 'success') add(other, { ...latest, state: 'inactive', description: '' })
      }
    }
    return add(deployment, order)
  }

  comment(repository: GitHubRepository, issue: number, body: string): Comment {
    const now = this.#timeline.now()
    const comment = { id: this.#nextId(), issue, body, createdAt: now, updatedAt: now }
    repository.comments.push(comment)
    return comment
  }

  editComment(comment: Comment, body: string): void {
    comment.body = body
    comment.updatedAt = this.#timeline.now()
  }

  /** Everything clients have written. */
  state(): readonly JsonObject[] {
    return [...this.#repositories.values()].map(({ name, deployments, comments }) => ({
      name,
      deployments: deployments.map(deployment => ({
        ...deployment,
        statuses: deployment.statuses.map(status => ({ ...status }))
      })),
      comments: comments.map(comment => ({ ...comment }))
    }))
  }

  #nextId(): number {
    this.#id += 1
    return this.#id
  }
}
