import { isCancelled, LostAnswer, type AwsFailure } from '../failure.ts'

/** Looks at what became of a write that failed; cancelled, it throws LostAnswer where the write may have been done. */
export async function lookAfter<T>({ write, mayHaveActed }: AwsFailure, look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (write !== undefined && mayHaveActed && isCancelled(error)) throw new LostAnswer(write, error)
    throw error
  }
}
