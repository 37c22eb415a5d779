import { setFailed } from '@actions/core'
import { post } from './post.ts'

// A file of its own: told apart from the main step by what main saved, the post step of a job whose main was killed
// before it saved anything would deploy.
post().catch((error: unknown) => {
  setFailed(error instanceof Error ? error : String(error))
})
