import { gzipSync } from 'node:zlib'

const BLOCK_BYTES = 512
const FILE_MODE = 0o644
const GZIP_SYSTEM_OFFSET = 9
const GZIP_SYSTEM_UNKNOWN = 255

/** A file to put into a layer. */
export interface LayerFile {
  /** Path inside the image, without a leading slash, at most 100 bytes. */
  readonly path: string
  readonly content: string | Uint8Array
  /** Permission bits, 0o644 when absent. */
  readonly mode?: number
}

/** A tar archive whose bytes depend on the files alone: no owner, no time, files sorted by path. */
export function tar(files: readonly LayerFile[]): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const blocks = sorted.flatMap(file => {
    const content = Buffer.from(file.content)
    const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES)
    return [header(file, content.length), content, padding]
  })
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)])
}

/**
 * A gzip stream without compression: compressed bytes differ between versions of zlib, and with them the digest of a
 * layer. The byte that names the operating system is blanked for the same reason.
 */
export function gzip(bytes: Uint8Array): Buffer {
  const zipped = gzipSync(bytes, { level: 0 })
  zipped[GZIP_SYSTEM_OFFSET] = GZIP_SYSTEM_UNKNOWN
  return zipped
}

/** A ustar header; its checksum is computed with the checksum field itself read as spaces. */
function header(file: LayerFile, size: number): Buffer {
  if (Buffer.byteLength(file.path) > 100) throw new Error(`path too long for a layer: ${file.path}`)
  const block = Buffer.alloc(BLOCK_BYTES)
  block.write(file.path, 0)
  block.write(octal(file.mode ?? FILE_MODE, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(size, 12), 124)
  block.write(octal(0, 12), 136)
  block.write('        ', 148)
  block.write('0', 156)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 7)} `, 148)
  return block
}

/** A number as tar writes it: octal digits and a null byte that fill `width`. */
function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`
}
