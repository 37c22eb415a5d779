// `npm run test:real`: checks that the parts nobody here wrote are installed, starts those that must run, runs the
// tests in __tests__/real against them, and stops them. Options are handed on to jest.
import { spawn } from 'node:child_process'
import { startParts } from './real-parts/engine.ts'
import { findMissingParts } from './real-parts/parts.ts'

const JEST = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', 'node_modules/jest/bin/jest.js']

async function runTests(environment: Readonly<Record<string, string>>): Promise<number> {
  const options = [...JEST, '--config', 'jest.real.config.js', ...process.argv.slice(2)]
  const jest = spawn(process.execPath, options, { stdio: 'inherit', env: { ...process.env, ...environment } })
  // The terminal interrupts jest as well: wait for it, so that what was started here is stopped.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => jest.kill(signal))
  return new Promise((resolve, reject) => {
    jest.on('error', reject)
    jest.on('exit', code => resolve(code ?? 1))
  })
}

async function main(): Promise<number> {
  const missing = await findMissingParts()
  if (missing.length > 0) {
    console.error(`the real tests need ${missing.join(', ')}: install with scripts/real-parts/install.sh`)
    return 1
  }
  if (process.getuid?.() !== 0) {
    console.error('the real tests start a Docker engine of their own, which takes root: sudo npm run test:real')
    return 1
  }
  const parts = await startParts()
  try {
    return await runTests(parts.environment)
  } finally {
    await parts.stop()
  }
}

process.exitCode = await main()
