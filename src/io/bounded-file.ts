import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** What a file holds, or why nothing of it is taken. */
export type BoundedFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'too-large'; readonly bytes: number }
  /** Not there, not readable, a directory, a pipe, a device. */
  | { readonly kind: 'no-file' }

const CHUNK_BYTES = 64 * 1024

/**
 * Reads a file of at most `mostBytes`. It never waits: a pipe that nobody writes to would hold the run up for ever, and
 * what the kernel offers as a file may have no end.
 */
export async function readBounded(path: string, mostBytes: number): Promise<BoundedFile> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const about = await file.stat()
      if (!about.isFile()) return { kind: 'no-file' }
      if (about.size > mostBytes) return { kind: 'too-large', bytes: about.size }
      const chunks: Buffer[] = []
      let bytes = 0
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, null)
        if (bytesRead === 0) return { kind: 'text', text: Buffer.concat(chunks).toString('utf8') }
        bytes += bytesRead
        if (bytes > mostBytes) return { kind: 'too-large', bytes }
        chunks.push(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  } catch {
    return { kind: 'no-file' }
  }
}
