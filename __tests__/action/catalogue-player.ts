import { ROWS, SECRET } from './catalogue-rows.ts'
import { deployVirtually, shopWith, type Told } from './virtual-run.ts'

/** Plays each row of the catalogue and writes what was told to standard output, as JSON. */

const inputs = { 'environment-variables': `DATABASE_URL=${SECRET}`, 'docker-labels': `token=${SECRET}` }
const told: Told[] = []
for (const { behaviour } of ROWS) told.push(await deployVirtually({ world: shopWith(behaviour), inputs }))
process.stdout.write(JSON.stringify(told))
