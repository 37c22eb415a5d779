import { statSync } from 'node:fs'

/** Suites that mostly wait, for real seconds or for other processes, and leave a core idle for it. */
const WAITING =
  /\/(?:action\/(?:calls|cancel-writes|lost-answers|scaling-restored|watching|way-back)|matrix\/real-kills|registry\/upload)\.test\.ts$/

/**
 * Large suites first, as jest has them, and those that wait spread evenly among them: at any time one worker waits while
 * the others keep both cores busy.
 */
export default class Sequencer {
  sort(tests) {
    const sized = tests
      .map(test => ({ test, size: statSync(test.path).size, waits: WAITING.test(test.path) }))
      .sort((one, other) => other.size - one.size)
    const waiting = sized.filter(({ waits }) => waits)
    const busy = sized.filter(({ waits }) => !waits)
    const share = busy.reduce((sum, { size }) => sum + size, 0) / (waiting.length + 1)
    const order = []
    let passed = 0
    for (const one of busy) {
      if (passed >= order.filter(({ waits }) => waits).length * share) order.push(...waiting.splice(0, 1))
      order.push(one)
      passed += one.size
    }
    return [...order, ...waiting].map(({ test }) => test)
  }

  allFailedTests(tests) {
    return this.sort(tests)
  }

  shard(tests) {
    return tests
  }

  cacheResults() {
    // Nothing is kept from run to run.
  }
}
