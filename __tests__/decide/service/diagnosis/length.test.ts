import { expect, test } from '@jest/globals'
import { diagnose } from '../../../../src/decide/service/diagnosis/diagnosis.ts'
import { container, event, stopped } from './tasks.ts'

const MEGABYTE = 1 << 20

/** What patterns begin with: repeated, each place is one where a pattern may start and find no end. */
const PIECES: readonly string[] = [
  ...['a', '1/', ' ', '"', "'", '(', ': a', 'a, ', '\n', '\u200b', '\ud800', '\u2018', '\u001b['],
  ...[
    "pull image '",
    'resolve ref ',
    'resolve ref "a',
    'role ',
    "role '",
    'manifest for "(:',
    'HEAD request to sha256:a'
  ],
  ...["invalid character '", 'json key "', ':secretsmanager:::secret:', ':ssm:::parameter/', 'invalid ssm param: a, '],
  ...['operation error a: ', 'api error ', 'assumed-role/', 'arn:aws:iam:role/', 'http://', 'lookup ', 'ecr:A'],
  ...[
    'not authorized to perform: a:',
    'RESOURCE:',
    'Create Network Interface: ',
    'Host EC2 (instance i-',
    "log group '"
  ],
  ...['exec: "', 'exec ', 'OCI runtime create failed: ', 'CannotPullContainerError: ', 'failed  health checks'],
  ...['(task a) ', 'has started 1 tasks ', 'is unhealthy in (target-group a) due to (reason ', '(target-group '],
  ...['was unable to place a task. Reason: ', 'IAM ', 'deployment failed: A_B ', 'A_', '(reason 1']
]

const BEGINNINGS: readonly string[] = [
  '',
  'CannotPullContainerError: ',
  'CannotPullContainerError: failed to resolve ref x: ',
  'ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from asm: ',
  'CannotStartContainerError: OCI runtime create failed: ',
  'Task failed ELB health checks in (target-group ',
  '(service web) was unable to place a task. Reason: '
]

// A pattern whose time grows with the square of the length would need hours for one of these.
test.each(BEGINNINGS)('a reason of a megabyte is read at once: %s…', beginning => {
  for (const piece of PIECES) {
    const text = (beginning + piece.repeat(MEGABYTE / piece.length)).slice(0, MEGABYTE)
    const task = stopped('0a', {
      stoppedReason: text,
      containers: [container({ name: text, image: text, reason: text, exitCode: 1 }), container({ name: 'side' })]
    })
    const found = diagnose({
      stopped: [task],
      events: [event(text)],
      essential: [text],
      logGroups: new Map([[text, text]]),
      secrets: [text],
      logs: [{ taskId: '0a', container: text, lines: [text] }]
    })
    expect(found?.sentence.length).toBeLessThanOrEqual(500)
    expect(found?.evidence.every(line => line.length <= 2000)).toBe(true)
  }
})
