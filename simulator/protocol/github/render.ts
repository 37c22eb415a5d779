import type { Comment, DeploymentStatus, GitHubDeployment } from '../../cloud/github/github.ts'

/** A deployment as the API shows it; `url` is that of its repository. */
export function renderDeployment(deployment: GitHubDeployment, url: string): unknown {
  const { id, sha, ref, task, environment, description, payload, createdAt, statuses } = deployment
  return {
    url: `${url}/deployments/${String(id)}`,
    statuses_url: `${url}/deployments/${String(id)}/statuses`,
    id,
    sha,
    ref,
    task,
    environment,
    original_environment: environment,
    description,
    payload,
    created_at: iso(createdAt),
    updated_at: iso(statuses[0]?.createdAt ?? createdAt)
  }
}

/** A deployment status as the API shows it; `deploymentUrl` is that of its deployment. */
export function renderStatus(status: DeploymentStatus, deploymentUrl: string): unknown {
  return {
    url: `${deploymentUrl}/statuses/${String(status.id)}`,
    id: status.id,
    state: status.state,
    description: status.description,
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    target_url: status.logUrl,
    created_at: iso(status.createdAt),
    updated_at: iso(status.createdAt)
  }
}

/** A comment as the API shows it; `url` is that of its repository. */
export function renderComment(comment: Comment, url: string): unknown {
  return {
    url: `${url}/issues/comments/${String(comment.id)}`,
    issue_url: `${url}/issues/${String(comment.issue)}`,
    html_url: `${url}/issues/${String(comment.issue)}#issuecomment-${String(comment.id)}`,
    id: comment.id,
    body: comment.body,
    created_at: iso(comment.createdAt),
    updated_at: iso(comment.updatedAt)
  }
}

/** GitHub gives whole seconds. */
function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
