import { createHmac } from 'node:crypto'
import type { Timeline } from '../timeline.ts'

const TOKEN_HOURS = 12
const LINK_MINUTES = 60
const MS_PER_HOUR = 3_600_000
const MS_PER_MINUTE = 60_000

/** What a password turned out to be. */
export type PasswordCheck = 'valid' | 'expired' | 'unknown'

/**
 * The passwords and download links of one registry. Both carry their own expiry and a signature, so that nothing has to
 * be remembered. The signature keeps clients honest; it is no secret, and the registry holds nothing worth one.
 */
export class Credentials {
  readonly #timeline: Timeline
  readonly #account: string

  constructor(timeline: Timeline, account: string) {
    this.#timeline = timeline
    this.#account = account
  }

  /** A registry password and when it ends, in epoch milliseconds. */
  issuePassword(): { readonly password: string; readonly expiresAt: number } {
    const expiresAt = this.#timeline.now() + TOKEN_HOURS * MS_PER_HOUR
    const claims = {
      payload: this.#sign(`password ${expiresAt}`),
      version: '2',
      type: 'DATA_KEY',
      expiration: expiresAt
    }
    return { password: Buffer.from(JSON.stringify(claims)).toString('base64'), expiresAt }
  }

  checkPassword(password: string): PasswordCheck {
    const claims = decode(password)
    if (claims === undefined || claims.payload !== this.#sign(`password ${claims.expiration}`)) return 'unknown'
    return this.#timeline.now() < claims.expiration ? 'valid' : 'expired'
  }

  /** The query of a link that anybody may use to download this layer for an hour. */
  signLink(digest: string): URLSearchParams {
    const expires = String(Math.ceil(this.#timeline.now()) + LINK_MINUTES * MS_PER_MINUTE)
    return new URLSearchParams({ expires, signature: this.#sign(`layer ${digest} ${expires}`) })
  }

  checkLink(digest: string, query: URLSearchParams): boolean {
    const expires = query.get('expires') ?? ''
    if (query.get('signature') !== this.#sign(`layer ${digest} ${expires}`)) return false
    return this.#timeline.now() < Number(expires)
  }

  #sign(text: string): string {
    return createHmac('sha256', `simulated registry ${this.#account}`).update(text).digest('base64url')
  }
}

function decode(password: string): { readonly payload: string; readonly expiration: number } | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(password, 'base64').toString('utf8'))
    if (typeof claims !== 'object' || claims === null || !('payload' in claims) || !('expiration' in claims)) return
    const { payload, expiration } = claims
    return typeof payload === 'string' && typeof expiration === 'number' ? { payload, expiration } : undefined
  } catch {
    return undefined
  }
}
