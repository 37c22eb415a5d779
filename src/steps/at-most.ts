/** Does `work` for every item, at most `limit` at a time; `stop` is called with the first failure, which is then thrown. */
export async function atMost<Item>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
  stop: (reason: unknown) => void
): Promise<void> {
  const left = items.values()
  let failure: { readonly reason: unknown } | undefined
  async function worker(): Promise<void> {
    for (const item of left) {
      if (failure !== undefined) return
      try {
        await work(item)
      } catch (reason) {
        if (failure === undefined) stop(reason)
        failure ??= { reason }
        return
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  if (failure !== undefined) throw failure.reason
}
