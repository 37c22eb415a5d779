import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './command.ts'

const PROGRAM = `#include <stdio.h>
int main(void) { puts("hello from " GREETER); return 0; }
`

const DOCKERFILE = `FROM scratch
ARG REVISION=none
COPY hello /hello
LABEL org.opencontainers.image.revision=$REVISION
ENTRYPOINT ["/hello"]
`

/** A directory that Docker can build into an image without pulling anything: one static binary on `scratch`. */
export interface BuildContext {
  readonly directory: string
  remove(): Promise<void>
}

/** Compiles a program that says hello from `greeter`, so that different greeters make different images. */
export async function makeBuildContext(greeter: string): Promise<BuildContext> {
  const directory = await mkdtemp(join(tmpdir(), 'build-context-'))
  const source = join(directory, 'hello.c')
  await writeFile(source, PROGRAM)
  await writeFile(join(directory, 'Dockerfile'), DOCKERFILE)
  await writeFile(join(directory, '.dockerignore'), 'hello.c\n')
  await run('gcc', ['-static', '-s', '-Os', `-DGREETER="${greeter}"`, '-o', join(directory, 'hello'), source])
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}
