import { readFile, writeFile } from 'node:fs/promises'
import { withTables } from './tables.ts'

const readme = await withTables(await readFile('README.md', 'utf8'), await readFile('action.yml', 'utf8'))
await writeFile('README.md', readme)
