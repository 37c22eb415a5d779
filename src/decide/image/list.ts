/**
 * Reads a list input as docker/build-push-action does, whose lists are CSV: a quoted item may hold line ends and, by
 * doubling them, quotes. `commas: 'separate'` splits a line at commas, `'keep'` makes each line one item.
 */
export function parseList(text: string, commas: 'separate' | 'keep'): readonly string[] {
  const items: string[] = []
  for (const record of parseRecords(text)) {
    const [only] = record
    if (commas === 'keep') items.push(record.join(','))
    else if (record.length === 1 && only !== undefined) items.push(...only.split(','))
    else items.push(...record)
  }
  return items.filter(item => item.trim() !== '')
}

/** The fields of one line, e.g. the attributes of `type=registry,ref=…`. */
export function parseFields(line: string): readonly string[] {
  return parseRecords(line)[0] ?? []
}

const FIELD = /(?:"((?:[^"]|"")*)"(?=,|\r?\n|$)|([^,\n]*))(,|\r?\n|$)/y

/** CSV with relaxed quotes: a quote that does not enclose a whole field is an ordinary character. */
function parseRecords(text: string): readonly (readonly string[])[] {
  const records: string[][] = []
  let record: string[] = []
  FIELD.lastIndex = 0
  while (FIELD.lastIndex <= text.length) {
    const [, quoted, plain = '', end] = FIELD.exec(text) ?? []
    record.push(quoted === undefined ? plain.replace(/\r$/, '') : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    if (record.some(field => field !== '')) records.push(record)
    record = []
    if (end === undefined || end === '') break
  }
  return records
}
