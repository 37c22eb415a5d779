// Preloaded into a process whose waits are to pass as fast as the simulator's time: BENCH_SPEED times as fast.
const { promisify } = require('node:util')
const speed = Number(process.env.BENCH_SPEED)
const [wait, now] = [globalThis.setTimeout, Date.now]
const startMs = now()
const scaled = (run, ms = 0, ...rest) => wait(run, ms / speed, ...rest)
scaled[promisify.custom] = (ms, value) => new Promise(resolve => scaled(resolve, ms, value))
globalThis.setTimeout = scaled
Date.now = () => startMs + (now() - startMs) * speed
