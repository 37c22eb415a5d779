import fc from 'fast-check'
import { anyCharacter } from '../support/any-character.ts'

/** What a runner, a terminal, a browser or a Markdown reader would act on. */
export const TRICKS: readonly string[] = [
  '::error::forged',
  '::warning file=a,line=1::forged',
  '::add-mask::web',
  '::stop-commands::token123456',
  '::set-output name=outcome::succeeded',
  '::endgroup::',
  '##[error]forged',
  '##[add-mask]web',
  '%0A::error::forged',
  '\n::error::forged',
  '\r::error::forged',
  '\u2028::error::forged',
  '\u0085::error::forged',
  '\u200b::error::forged',
  '\u001b[2J\u001b[31m',
  '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007',
  '\u0000',
  '\u202egnp.exe',
  '\ud800',
  '\udc00',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '</code></pre></details></td></table><h1>forged</h1>',
  '<!--',
  ']]>',
  '&lt;b&gt;',
  '![i](https://evil.example/i.png)',
  '[link](https://evil.example)',
  'https://evil.example',
  '**bold** _em_ ~~gone~~ `code`',
  '```\n# heading\n',
  '```mermaid\ngraph TD; a-->b\n```',
  '| a | b |\n|---|---|\n',
  '- item',
  '1. item',
  '# heading',
  '---',
  '$$x^2$$',
  '@octocat #1 GH-1',
  '\\',
  '\t',
  '\n',
  ' '
]

/** Fragments by which the diagnosis knows a reason. */
const FRAGMENTS: readonly string[] = [
  'CannotPullContainerError: ',
  'ResourceInitializationError: ',
  'failed to resolve ref ',
  ': not found',
  "matching platform '",
  'Task failed ELB health checks in (target-group ',
  'unable to retrieve secret from asm: ',
  'json key ',
  'logger args',
  'The specified log group does not exist',
  'AccessDeniedException: User: arn:aws:sts::1:assumed-role/',
  ' is not authorized to perform: ',
  'ECS was unable to assume the role ',
  'CannotStartContainerError: OCI runtime create failed: exec: "',
  '": permission denied',
  'Essential container in task exited',
  '(service web) was unable to place a task. Reason: ',
  '(service web) (task 0a) is unhealthy in (target-group ',
  ') due to (reason '
]

/** Text that somebody wrote to deceive: tricks, among what AWS might write and anything else. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...TRICKS),
      fc.constantFrom(...FRAGMENTS),
      fc.string({ unit: anyCharacter, maxLength: 8 }),
      fc.string({ maxLength: 8 })
    ),
    { maxLength: 10 }
  )
  .map(parts => parts.join(''))

/** The same, of up to a megabyte. */
export const hugeText: fc.Arbitrary<string> = fc
  .tuple(hostileText, fc.constantFrom(...TRICKS, ...FRAGMENTS), fc.constantFrom(1_000, 100_000, 1 << 20))
  .map(([text, piece, length]) => (text + piece.repeat(Math.ceil(length / piece.length))).slice(0, length))
