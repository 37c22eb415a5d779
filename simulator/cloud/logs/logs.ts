/** One line in a log stream; times in epoch milliseconds. */
export interface LogLine {
  readonly timestamp: number
  readonly message: string
}

/** CloudWatch log groups with their streams, as the awslogs driver fills them. */
export class Logs {
  readonly #groups = new Map<string, Map<string, LogLine[]>>()

  /** Appends a line and makes the group and the stream on the way. */
  write(group: string, stream: string, line: LogLine): void {
    this.#stream(group, stream).push(line)
  }

  /** Makes an empty stream, as the driver does when a container starts. */
  open(group: string, stream: string): void {
    this.#stream(group, stream)
  }

  hasGroup(group: string): boolean {
    return this.#groups.has(group)
  }

  /** The lines of a stream, oldest first; undefined when there is no such stream. */
  lines(group: string, stream: string): readonly LogLine[] | undefined {
    return this.#groups.get(group)?.get(stream)
  }

  #stream(group: string, stream: string): LogLine[] {
    const streams = this.#groups.get(group) ?? new Map<string, LogLine[]>()
    this.#groups.set(group, streams)
    const lines = streams.get(stream) ?? []
    streams.set(stream, lines)
    return lines
  }
}
