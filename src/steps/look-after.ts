import { inDoubt, isCancelled, LostAnswer, type AwsFailure } from '../failure.ts'

/** Looks at what became of a write that failed; whatever ends that tells that the write may have been done. */
export async function lookAfter<T>({ write, mayHaveActed }: AwsFailure, look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (write === undefined || !mayHaveActed) throw error
    throw isCancelled(error) ? new LostAnswer(write, error) : inDoubt(error, write)
  }
}
