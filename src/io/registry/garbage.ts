import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'minor' }) => void

/** So many bytes may lie about, twice: Node's HTTP client copies what it reads. */
const COLLECT_EVERY_BYTES = 4 * 1024 * 1024

let collect: Collect | undefined
let bytesSince = 0

/**
 * To be told of every chunk that was read. V8 counts the small objects and hardly the bytes behind them, so that without
 * being asked it leaves a hundred megabytes of read chunks lie before it looks; a look at the young ones takes a
 * millisecond.
 */
export function noteRead(bytes: number): void {
  bytesSince += bytes
  if (bytesSince < COLLECT_EVERY_BYTES) return
  bytesSince = 0
  collect ??= findCollector()
  collect({ type: 'minor' })
}

/** What `node --expose-gc` gives; a Node that no longer has it does without. */
function findCollector(): Collect {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('typeof gc === "function" ? gc : undefined')
  return typeof found === 'function' ? (found as Collect) : () => undefined
}
