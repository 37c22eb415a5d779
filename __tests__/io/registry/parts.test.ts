import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { PartBuffers, PartReader } from '../../../src/io/registry/parts.ts'

async function* stream(chunks: readonly Uint8Array[], failure?: Error): AsyncGenerator<Uint8Array> {
  yield* chunks
  if (failure !== undefined) throw failure
}

describe('parts', () => {
  test('have one size, the last one aside, and all of the stream in them', async () => {
    const chunk = fc.uint8Array({ minLength: 0, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 20 }), fc.integer({ min: 1, max: 64 }), async (chunks, size) => {
        const parts = new PartReader(stream(chunks), new PartBuffers(64), size)
        const read: Buffer[] = []
        for (let part = await parts.next(); part.length > 0; part = await parts.next()) read.push(Buffer.from(part))
        await parts.close(true)
        expect(Buffer.concat(read)).toEqual(Buffer.concat(chunks))
        expect(read.slice(0, -1).every(({ length }) => length === size)).toBe(true)
      })
    )
  })

  test('end only when the stream has nothing to object to', async () => {
    const objection = new Error('other bytes than promised')
    const parts = new PartReader(stream([new Uint8Array(8)], objection), new PartBuffers(8), 8)
    expect(await parts.next()).toHaveLength(8)
    await expect(parts.end()).rejects.toBe(objection)
    await parts.close(false)
  })

  test('use buffers again, but not those that a broken request may still be reading', async () => {
    const buffers = new PartBuffers(4)
    const bytes = (value: number): Uint8Array => new Uint8Array(4).fill(value)
    const failed = new PartReader(stream([bytes(1)]), buffers, 4)
    const stale = await failed.next()
    await failed.close(false)
    const done = new PartReader(stream([bytes(2)]), buffers, 4)
    const { buffer } = await done.next()
    await done.close(true)
    const next = new PartReader(stream([bytes(3), bytes(4)]), buffers, 4)
    const used = [(await next.next()).buffer, (await next.next()).buffer]
    expect(used).toContain(buffer)
    expect(stale[0]).toBe(1)
  })
})
