import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { marked } from 'marked'

/** The job summary of one deployment. */
export interface Summary {
  readonly title: string
  readonly markdown: string
}

const STYLE = `body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
section { border: 1px solid #8886; border-radius: 6px; padding: 0 1.5rem 1rem; margin: 1.5rem 0 }
table { border-collapse: collapse } td, th { border: 1px solid #8886; padding: .3rem .8rem; text-align: left }
code { background: #8882; padding: .1em .3em; border-radius: 4px; font-size: 85%; overflow-wrap: anywhere }
:root { color-scheme: light dark }`

/** Writes the summaries into a new directory, as they are and as a page that a browser opens; returns both paths. */
export async function writeSummaries(
  below: string,
  summaries: readonly Summary[]
): Promise<{ readonly page: string; readonly source: string }> {
  const directory = await mkdtemp(join(below, 'ecs-deploy-demo-'))
  const source = join(directory, 'summary.md')
  const page = join(directory, 'summary.html')
  await writeFile(source, summaries.map(({ markdown }) => markdown).join('\n---\n\n'))
  await writeFile(page, await render(summaries))
  return { page, source }
}

async function render(summaries: readonly Summary[]): Promise<string> {
  const sections = await Promise.all(
    summaries.map(async ({ title, markdown }) => `<h2>${title}</h2>\n<section>\n${await marked(markdown)}</section>`)
  )
  const head = `<meta charset="utf-8"><title>ECS deploy: job summaries</title><style>${STYLE}</style>`
  return `<!doctype html>\n<html lang="en">\n<head>${head}</head>\n<body>\n${sections.join('\n')}\n</body>\n</html>\n`
}
