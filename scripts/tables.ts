import { format, resolveConfig } from 'prettier'
import { parse } from 'yaml'

/** What action.yml says of the interface. */
interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
}

/** The parts of the table of inputs, each up to the input that begins the next one. */
const SECTIONS: readonly { readonly title: string; readonly first: string }[] = [
  { title: 'What to do', first: 'mode' },
  { title: 'Image', first: 'image' },
  { title: 'Task definition', first: 'task-definition' },
  { title: 'Service', first: 'cluster' },
  { title: 'Report', first: 'summary' }
]

/** The README with its tables of inputs and outputs made anew from the text of action.yml. */
export async function withTables(readme: string, actionYml: string): Promise<string> {
  const action = parse(actionYml) as ActionFile
  const replaced = replace(replace(readme, 'inputs', inputTables(action)), 'outputs', outputTable(action))
  return format(replaced, { ...(await resolveConfig('README.md')), parser: 'markdown' })
}

function replace(readme: string, name: string, table: string): string {
  const begin = `<!-- ${name}: made from action.yml by npm run readme -->`
  const end = `<!-- end of ${name} -->`
  const from = readme.indexOf(begin)
  const to = readme.indexOf(end)
  if (from < 0 || to < from) throw new Error(`README.md has no '${begin}' … '${end}'`)
  return `${readme.slice(0, from + begin.length)}\n\n${table}\n\n${readme.slice(to)}`
}

function inputTables({ inputs }: ActionFile): string {
  const names = Object.keys(inputs)
  const starts = SECTIONS.map(({ title, first }) => {
    const index = names.indexOf(first)
    if (index < 0) throw new Error(`action.yml has no input '${first}', with which the section '${title}' begins`)
    return index
  })
  if (starts[0] !== 0) throw new Error(`action.yml does not begin with the input '${SECTIONS[0]?.first ?? ''}'`)
  const tables = SECTIONS.map(({ title }, section) => {
    const rows = names.slice(starts[section], starts[section + 1]).map(name => {
      const { description = '', default: byDefault = '' } = inputs[name] ?? {}
      return row(code(name), byDefault === '' ? '' : code(byDefault), description)
    })
    return [`#### ${title}`, '', row('Input', 'Default', 'Meaning'), '|---|---|---|', ...rows].join('\n')
  })
  return tables.join('\n\n')
}

function outputTable({ outputs }: ActionFile): string {
  const rows = Object.entries(outputs).map(([name, { description }]) => row(code(name), description))
  return [row('Output', 'Meaning'), '|---|---|', ...rows].join('\n')
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function code(text: string): string {
  return `\`${text}\``
}
