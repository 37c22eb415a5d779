import { describe, expect, test } from '@jest/globals'
import { approvals } from '../../../src/decide/service/approval.ts'
import type { HookSnapshot } from '../../../src/decide/service/snapshot.ts'
import { serviceDeployment } from './snapshots.ts'

const ARN = 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/ejGvqq2ilnbKT9qj0vLJe'

function hook(changes: Partial<HookSnapshot>): HookSnapshot {
  return {
    id: 'h1',
    targetArn: undefined,
    status: 'AWAITING_ACTION',
    expiresAt: 1_767_605_400,
    timeoutAction: 'ROLLBACK',
    ...changes
  }
}

function read(changes: Partial<HookSnapshot>) {
  return approvals(serviceDeployment('IN_PROGRESS', { lifecycleStage: 'POST_SCALE_UP', hooks: [hook(changes)] }))
}

describe('an approval', () => {
  test.each(['STOPPED', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_SUCCESSFUL'])('is not asked for by what is %s', status => {
    expect(approvals(serviceDeployment(status, { hooks: [hook({})] }))).toEqual([])
  })

  test('is a hook that waits, with the command that continues it and what happens otherwise', () => {
    expect(read({})).toEqual([
      {
        hookId: 'h1',
        stage: 'POST_SCALE_UP',
        otherwise: 'ROLLBACK at 2026-01-05 09:30:00 UTC',
        command: `aws ecs continue-service-deployment --region eu-west-1 --service-deployment-arn ${ARN} --hook-id h1 --action CONTINUE`
      }
    ])
  })

  test.each(['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'TIMED_OUT'])('is none for a hook that is %s', status => {
    expect(read({ status })).toEqual([])
  })

  test.each([undefined, Number.NaN, 1e300])('does without a limit that is no time: %s', expiresAt => {
    expect(read({ expiresAt })[0]?.otherwise).toBeUndefined()
  })

  test.each(['a;touch pwned', '$(touch pwned)', "a' b", 'a\nb', ''])('has one word of a shell for the id %j', id => {
    expect(read({ id })[0]?.command).toContain(`--hook-id '${id.replaceAll("'", String.raw`'\''`)}' --action`)
  })
})
