// Loaded into a measured process with `--require`: on its end it writes its peak memory to the file that it is told.
// VmHWM starts anew with exec. The maxRSS of getrusage does not: it would include what this benchmark takes itself.
const { readFileSync, writeFileSync } = require('node:fs')

process.on('exit', () => {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  writeFileSync(process.env.BENCH_PEAK_MEMORY_FILE, kibibytes)
})
