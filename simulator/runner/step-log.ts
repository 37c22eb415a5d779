import { type Annotation, type AnnotationLevel, annotate } from './annotation.ts'
import { KNOWN_COMMANDS, parseCommand, type WorkflowCommand } from './command.ts'
import type { JobState } from './job-state.ts'

const MAX_ANNOTATIONS_PER_LEVEL = 10
const MAX_MESSAGE_LENGTH = 4096

/** Stop tokens longer than this are masked, so that a later line cannot repeat what it saw in the log. */
const LONGEST_UNMASKED_TOKEN = 6

/** What a step log needs to know of the job around it. */
export interface StepLogOptions {
  readonly job: JobState
  readonly workspace: string
  /** Shows debug messages, as the secret ACTIONS_STEP_DEBUG does. */
  readonly debug: boolean
  readonly onOutput: ((chunk: string) => void) | undefined
}

/** The log of one step: it takes the lines of the process, carries out the commands among them, and masks the rest. */
export class StepLog {
  readonly lines: string[] = []
  readonly annotations: Annotation[] = []
  /** A command or a file could not be carried out: the step fails whatever its exit code. */
  commandFailed = false
  readonly #options: StepLogOptions
  readonly #counts: Record<AnnotationLevel, number> = { error: 0, warning: 0, notice: 0 }
  #echo = false
  /** Set while commands are stopped. */
  #resumeToken: string | undefined

  constructor(options: StepLogOptions) {
    this.#options = options
    this.#echo = options.debug
  }

  /** Takes one line as the process wrote it, on either stream. */
  receive(line: string): void {
    const token = this.#resumeToken
    const command = parseCommand(line, name => KNOWN_COMMANDS.includes(name) || name === token)
    if (command === undefined || (token !== undefined && command.name !== token)) {
      // The markers with which the runner itself divides a log are not for others to write.
      this.write(line.replaceAll('##[start-action', '##[\\start-action').replaceAll('##[end-action', '##[\\end-action'))
      return
    }
    if (token !== undefined) {
      this.#resumeToken = undefined
      this.write(line)
      return
    }
    try {
      this.#carryOut(command, line)
    } catch (error) {
      const shown = OMIT_ECHO.has(command.name) ? command.name : line
      this.fail(`Unable to process command '${shown}' successfully.`, error)
    }
  }

  /** Appends text to the log as a user sees it. */
  write(text: string): void {
    const masked = this.#options.job.masker.mask(text)
    this.lines.push(...masked.split(/\r\n|\n|\r/))
    this.#options.onOutput?.(`${masked}\n`)
  }

  /** Appends a debug message, unless those are hidden. */
  debug(message: string): void {
    if (!this.#options.debug) return
    for (const line of message.split(/\r?\n/)) this.write(`##[debug]${line}`)
  }

  /** Makes an annotation and its line in the log. */
  annotate(level: AnnotationLevel, message: string, properties: Readonly<Record<string, string>> = {}): void {
    const masked = this.#options.job.masker.mask(message).slice(0, MAX_MESSAGE_LENGTH)
    const shown = this.#counts[level]++ < MAX_ANNOTATIONS_PER_LEVEL
    this.annotations.push(annotate(level, masked, properties, this.#options.workspace, shown))
    if (masked !== '') this.write(`##[${level}]${masked}`)
  }

  /** Reports a command or a file that could not be carried out. */
  fail(message: string, error: unknown): void {
    this.annotate('error', message)
    this.annotate('error', error instanceof Error ? error.message : String(error))
    this.commandFailed = true
  }

  #carryOut(command: WorkflowCommand, line: string): void {
    const { name, properties, value } = command
    const { job } = this.#options
    if (this.#echo && !OMIT_ECHO.has(name)) this.write(line)
    switch (name) {
      case 'error':
      case 'warning':
      case 'notice':
        this.annotate(name, value, properties)
        break
      case 'debug':
        this.debug(value)
        break
      case 'group':
        this.write(`##[group]${value}`)
        break
      case 'endgroup':
        this.write('##[endgroup]')
        break
      case 'add-mask':
        this.#addMask(value)
        break
      case 'stop-commands':
        this.#stopCommands(value, line)
        break
      case 'echo':
        this.#setEcho(value)
        break
      case 'set-output':
        this.#warnDeprecated(name)
        job.outputs.set(requireName(command), value)
        break
      case 'save-state':
        this.#warnDeprecated(name)
        job.state.set(requireName(command), value)
        break
      case 'set-env':
      case 'add-path':
        throw new Error(disabled(name))
    }
  }

  #addMask(value: string): void {
    if (value.trim() === '') {
      this.annotate('warning', "Can't add secret mask for empty string in ##[add-mask] command.")
      return
    }
    if (this.#echo) this.write('::add-mask::***')
    this.#options.job.masker.add(value)
  }

  #stopCommands(token: string, line: string): void {
    const name = token.toLowerCase()
    if (name === '' || name === 'pause-logging' || KNOWN_COMMANDS.includes(name)) throw new Error(BAD_STOP_TOKEN)
    if (token.length > LONGEST_UNMASKED_TOKEN) this.#options.job.masker.add(token)
    this.#resumeToken = name
    this.write(line)
  }

  #setEcho(value: string): void {
    const setting = value.trim().toUpperCase()
    if (setting !== 'ON' && setting !== 'OFF') {
      throw new Error(`Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '${value}'.`)
    }
    this.#echo = setting === 'ON'
  }

  #warnDeprecated(name: string): void {
    this.annotate(
      'warning',
      `The \`${name}\` command is deprecated and will be disabled soon. Please upgrade to using Environment Files. ` +
        'For more information see: https://github.blog/changelog/2022-10-11-github-actions-deprecating-save-state-and-set-output-commands/'
    )
  }
}

/** Commands that `echo` leaves out, since they have a line of their own or hold a secret. */
const OMIT_ECHO: ReadonlySet<string> = new Set(['add-mask', 'debug', 'error', 'notice', 'stop-commands', 'warning'])

const BAD_STOP_TOKEN =
  "You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command. " +
  'For more information see: https://docs.github.com/actions/learn-github-actions/workflow-commands-for-github-actions#example-stopping-and-starting-workflow-commands ' +
  'or opt into insecure command execution by setting the `ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS` environment variable to `true`.'

function disabled(name: string): string {
  return (
    `The \`${name}\` command is disabled. Please upgrade to using Environment Files or opt into unsecure command ` +
    'execution by setting the `ACTIONS_ALLOW_UNSECURE_COMMANDS` environment variable to `true`. For more information ' +
    'see: https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/'
  )
}

function requireName(command: WorkflowCommand): string {
  const name = command.properties['name']
  if (name === undefined) throw new Error(`Required field 'name' is missing in ##[${command.name}] command.`)
  return name
}
