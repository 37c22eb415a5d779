import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createHash } from 'node:crypto'
import type { Commit } from '../../src/decide/image/commit.ts'
import type { LoggedCommit } from '../../src/decide/version/commits.ts'
import { NOTHING_SEEN, survey } from '../../src/decide/version/highest.ts'
import type { VersionRules } from '../../src/decide/version/next.ts'
import { parseVersion } from '../../src/decide/version/tag.ts'
import type { EcrPort } from '../../src/io/aws/ecr.ts'
import type { Git } from '../../src/io/git.ts'
import type { RunImage } from '../../src/steps/find-image.ts'
import { findHighest } from '../../src/steps/find-highest.ts'
import { countVersion } from '../../src/steps/find-version.ts'
import type { LocatedRepository } from '../../src/steps/locate-repository.ts'

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A line of commits; a clone always has all of them. */
class Line implements Git {
  readonly log: LoggedCommit[] = []
  readonly gitTags: { name: string; sha: string }[] = []

  commit(message: string): LoggedCommit {
    const commit = { sha: sha256(`${String(this.log.length)} ${message}`).slice(0, 40), message }
    this.log.push(commit)
    return commit
  }

  depth() {
    return Promise.resolve('whole' as const)
  }

  tags() {
    return Promise.resolve(this.gitTags)
  }

  findCommit(id: string) {
    return Promise.resolve(this.log.find(({ sha }) => sha.startsWith(id))?.sha)
  }

  committedAt() {
    return Promise.resolve(undefined)
  }

  commits({ since, until }: { since: string; until: string }) {
    const [from, to] = [since, until].map(id => this.log.findIndex(({ sha }) => sha === id))
    return Promise.resolve(this.log.slice((from ?? 0) + 1, (to ?? 0) + 1).reverse())
  }

  parents() {
    return Promise.resolve(
      new Map(
        this.log.map(({ sha }, at) => [
          sha,
          this.log
            .slice(0, at)
            .slice(-1)
            .map(each => each.sha)
        ])
      )
    )
  }

  findPaths(_: string, paths: readonly string[]) {
    return Promise.resolve(paths)
  }
}

/** A registry whose tags never move; an image's tags end in its commit, and it has no label. */
class Registry {
  readonly tags = new Map<string, string>()
  /** Digests of images that only the list of all shows. */
  readonly archived = new Set<string>()
  calls = 0

  put(tag: string, digest: string): void {
    const there = this.tags.get(tag)
    if (there !== undefined && there !== digest) throw new Error(`${tag} is on another image`)
    this.tags.set(tag, digest)
  }

  located(pageSize = 3): LocatedRepository {
    const { tags, archived } = this
    const count = (): void => {
      this.calls += 1
    }
    const ecr: Pick<EcrPort, 'tagPages' | 'tagsOf' | 'findImage'> = {
      async *tagPages() {
        const all = [...tags].map(([tag, digest]) => ({ tag, digest }))
        for (let from = 0; from < all.length; from += pageSize) {
          count()
          yield all.slice(from, from + pageSize)
        }
      },
      tagsOf(_, name) {
        const digest = 'tag' in name ? tags.get(name.tag) : name.digest
        if (digest !== undefined && archived.has(digest)) return Promise.reject(new Error('there is no such image'))
        return Promise.resolve([...tags].flatMap(([tag, on]) => (on === digest ? [tag] : [])))
      },
      findImage: () => Promise.resolve(undefined)
    }
    return {
      ecr: ecr as EcrPort,
      repository: { name: 'web', uri: 'host/web', immutability: undefined }
    }
  }

  image(digest: string): RunImage {
    const stored = { digest, manifest: '{}', mediaType: undefined }
    return {
      ...this.located(),
      stored,
      manifest: undefined,
      digests: [digest],
      foundBy: undefined,
      config: () => Promise.resolve(undefined)
    }
  }
}

const SOURCE = 'https://github.com/octo-org/shop'
const RULES: VersionRules = { initial: parseVersion('1.0.0'), majorZero: 'keep', prerelease: false }

/** What a job does: finds its version, and puts it beside the commit's own tag. */
async function job(line: Line, registry: Registry, { sha }: LoggedCommit, prerelease: boolean) {
  const digest = `sha256:${sha256(sha)}`
  const own = `main-${sha.slice(0, 7)}`
  const image = registry.tags.has(own) ? registry.image(digest) : undefined
  const commit: Commit = { kind: 'branch', name: 'main', sha, isProposed: false, why: undefined }
  const counting = {
    rules: { ...RULES, prerelease },
    tagPrefix: '',
    paths: [],
    pushed: undefined,
    commit,
    source: SOURCE
  }
  const version = await countVersion(line, registry.located(), image, counting, () => undefined)
  registry.put(own, digest)
  if (version.own !== undefined) registry.put(version.own, digest)
  return version
}

describe('countVersion', () => {
  const message = fc.constantFrom('feat: a', 'fix: b', 'docs: c', 'feat!: d', 'Revert "feat: a"', 'whatever')
  const step = fc.oneof(
    fc.record({ do: fc.constant('commit' as const), message }),
    fc.record({ do: fc.constant('job' as const), which: fc.nat(30), prerelease: fc.constantFrom(false, false, true) }),
    fc.record({
      do: fc.constant('tag' as const),
      which: fc.nat(30),
      version: fc.constantFrom('1.2.0', '1.9.0', '3.0.0')
    })
  )

  test('whatever the sequence of runs: no version is on two images, and a run that is repeated says the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
        const line = new Line()
        const registry = new Registry()
        line.commit('chore: start')
        const before: string[] = []
        for (const each of steps) {
          const at = 'which' in each ? line.log[each.which % line.log.length] : undefined
          if (each.do === 'commit') line.commit(each.message)
          // A git tag is put once, and on a commit that has no version yet, as its users would.
          if (each.do === 'tag' && at !== undefined && isFree(line, registry, each.version, at)) {
            line.gitTags.push({ name: `v${each.version}`, sha: at.sha })
          }
          if (each.do !== 'job' || at === undefined) continue
          const first = await job(line, registry, at, each.prerelease)
          if (first.isNew) expect(before).not.toContain(first.own)
          if (first.own !== undefined) before.push(first.own)
          const again = await job(line, registry, at, each.prerelease)
          expect(again).toEqual({ ...first, isNew: false, isCounted: false })
        }
      })
    )
  })

  function isFree(line: Line, registry: Registry, version: string, { sha }: LoggedCommit): boolean {
    const built = registry.tags.has(`main-${sha.slice(0, 7)}`)
    return (
      !built && !registry.tags.has(version) && line.gitTags.every(tag => tag.name !== `v${version}` && tag.sha !== sha)
    )
  }

  test('an image that has a version costs one call and no history', async () => {
    const registry = new Registry()
    const nothing = new Proxy({} as Git, {
      get() {
        throw new Error('the history was read')
      }
    })
    const digest = `sha256:${sha256('x')}`
    registry.put('1.4.2', digest)
    registry.put('v1.4.3', digest)
    registry.put('2.0.0-rc.1', digest)
    const commit: Commit = { kind: 'branch', name: 'main', sha: 'f'.repeat(40), isProposed: false, why: undefined }
    const counting = { rules: RULES, tagPrefix: '', paths: [], pushed: undefined, commit, source: SOURCE }
    const found = await countVersion(nothing, registry.located(), registry.image(digest), counting, () => undefined)
    expect(found).toEqual({ own: '1.4.3', last: '1.4.3', isNew: false, isCounted: false })
    expect(registry.calls).toBe(0)
  })
})

describe('countVersion from a version whose image is archived', () => {
  function archivedRelease(...tags: readonly string[]) {
    const line = new Line()
    const registry = new Registry()
    const release = line.commit('feat: old')
    const digest = `sha256:${sha256('old')}`
    for (const tag of [...tags, '2.0.0']) registry.put(tag.replace('SHA', release.sha.slice(0, 7)), digest)
    registry.archived.add(digest)
    return { line, registry, next: line.commit('fix: new') }
  }

  test('its commit is known by the other tags that are listed for it', async () => {
    const { line, registry, next } = archivedRelease('main-SHA')
    expect(await job(line, registry, next, false)).toMatchObject({ own: '2.0.1', isNew: true, isCounted: true })
  })

  test('without any, the remedy is a git tag and not a deeper clone', async () => {
    const { line, registry, next } = archivedRelease()
    await expect(job(line, registry, next, false)).rejects.toMatchObject({
      code: 'history-missing',
      remedy: "put the git tag v2.0.0 on the commit and push it, or give the version in 'version'"
    })
  })
})

describe('countVersion where git tags are called like versions', () => {
  test('an image keeps the version of its git tag, not BRANCH-SHA of it', async () => {
    const line = new Line()
    const registry = new Registry()
    const commit = line.commit('feat: a')
    const digest = `sha256:${sha256(commit.sha)}`
    const digits = commit.sha.slice(0, 7)
    for (const tag of [`main-${digits}`, '1.5.0-rc.1', `v1.5.0-rc.1-${digits}`]) registry.put(tag, digest)
    expect(await job(line, registry, commit, true)).toMatchObject({
      own: '1.5.0-rc.1',
      last: '1.5.0-rc.1',
      isNew: false
    })
    expect(await job(line, registry, line.commit('fix: b'), true)).toMatchObject({ own: '1.5.0-rc.2' })
  })

  test('the first stable version is no lower than the prereleases that were published', async () => {
    const line = new Line()
    line.gitTags.push({ name: 'v2.0.0-rc.1', sha: line.commit('feat: a').sha })
    expect(await job(line, new Registry(), line.commit('fix: b'), false)).toMatchObject({ own: '2.0.0' })
  })
})

describe('findHighest', () => {
  test('passes over all BRANCH-SHA of which the image says so', async () => {
    const registry = new Registry()
    const put = (on: string, ...tags: readonly string[]): void => {
      for (const tag of tags) registry.put(tag, `sha256:${sha256(on)}`)
    }
    put('a', 'v1.5.0-rc.1-1111111', '1.5.0-rc.1')
    put('b', 'v1.6.0-rc.1-1234567', '1.6.0-rc.1')
    put('c', '1.7.0-9e7d16f')
    const any = { range: undefined, prerelease: true }
    expect(await findHighest(registry.located(), any)).toMatchObject({ tag: '1.6.0-rc.1' })
    // What nothing tells from a date counts.
    put('d', '1.6.0-rc.2-20260101')
    expect(await findHighest(registry.located(), any)).toMatchObject({ tag: '1.6.0-rc.2-20260101' })
  })

  test('pages through everything', async () => {
    const registry = new Registry()
    for (let minor = 0; minor < 50; minor++) registry.put(`1.${String(minor)}.0`, `sha256:${sha256(String(minor))}`)
    const found = await findHighest(registry.located(7), { range: undefined, prerelease: false })
    expect(found.tag).toBe('1.49.0')
    expect(registry.calls).toBe(8)
  })

  test('what is kept of a hundred thousand images does not grow with them', () => {
    const page = (at: number) =>
      Array.from({ length: 1000 }, (_, index) => ({ tag: `1.${String(at)}.${String(index)}`, digest: 'sha256:0' }))
    let seen = NOTHING_SEEN
    for (let at = 0; at < 100; at++) seen = survey(seen, page(at), { range: undefined, prerelease: false })
    expect(seen).toMatchObject({ tags: 100_000, versions: 100_000, highest: { version: '1.99.999' } })
    expect(JSON.stringify(seen).length).toBeLessThan(500)
  })
})
