import { afterEach } from '@jest/globals'

interface Open {
  close(): void
}

/** Takes note of what a test opens, and gives it back; all of it is closed after each test of the suite. */
export function closedAfterEach(): <T extends Open>(opened: T) => T {
  const all: Open[] = []
  afterEach(() => {
    for (const one of all.splice(0)) one.close()
  })
  return opened => {
    all.push(opened)
    return opened
  }
}
