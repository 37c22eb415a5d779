/** Does `work` for every item, at most `limit` at a time; `stop` is called with the first failure, which is then thrown. */
export async function atMost<Item>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
  stop: (reason: unknown) => void
): Promise<void> {
  const left = items.values()
  const failures: { readonly reason: unknown }[] = []
  async function worker(): Promise<void> {
    for (const item of left) {
      if (failures.length > 0) return
      try {
        await work(item)
      } catch (reason) {
        if (failures.push({ reason }) === 1) stop(reason)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  const [first] = failures
  if (first !== undefined) throw first.reason
}
