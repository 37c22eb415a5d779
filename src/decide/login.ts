/** Up to the last `@` before the path, for a password may hold one, too. */
const URL_LOGIN = /:\/\/[^\s/'"`<>]*@/g
/** `user:password@host/…`, as nothing else looks that is printed; bounded, so that no line takes long. */
const BARE_LOGIN = /(^|[\s'"`=(,{])[^\s:/@'"`]{1,128}:[^\s/@'"`]{1,256}@(?=[\w.-]{1,255}(?::\d{1,5})?\/)/g
/** A parameter of a URL that opens a door: `?private_token=…`, `&X-Amz-Signature=…`. */
const URL_TOKEN = /([?&][^\s=&#]{0,64}(?:token|key|pass|secret|credential|auth|sig)[^\s=&#]{0,64}=)[^\s&#'"`]+/gi

/** A text of any kind with `***` for the logins and tokens in URLs and image references. */
export function withoutLogins(text: string): string {
  if (!text.includes('@')) return withoutTokens(text)
  return withoutTokens(text.replace(URL_LOGIN, '://***@').replace(BARE_LOGIN, '$1***@'))
}

/**
 * A text that should be one image reference or URL, with `***` for its login, whatever the password is made of: the
 * slashes and blanks that make it no reference may be those of its password.
 */
export function withoutLogin(reference: string): string {
  const { before, login, after } = splitLogin(reference)
  return withoutTokens(login === '' ? reference : `${before}***${after}`)
}

/** The user and password that stand in an image reference, together and the password alone. */
export function secretsInReference(reference: string): readonly string[] {
  const { login } = splitLogin(reference)
  return login === '' ? [] : [login, login.slice(login.indexOf(':') + 1)]
}

function splitLogin(reference: string): { readonly before: string; readonly login: string; readonly after: string } {
  const end = [...reference.matchAll(/@(?!sha(?:256|512):)/g)].at(-1)?.index ?? 0
  const [first, after] = [reference.slice(0, end), reference.slice(end)]
  // What names a host may stand behind the scheme of a URL, or be the default of a variable of Compose.
  const [before = ''] = /^.*?:\/\//s.exec(first) ?? /^\$\{\w+:?-/.exec(first) ?? []
  const isLogin = before !== '' || first.includes(':') || after.includes('/')
  return { before, login: isLogin ? first.slice(before.length) : '', after }
}

/** The passwords and tokens in a URL; the user of SSH is none, unlike that of HTTP, who often is a token alone. */
export function secretsInUrl(text: string): readonly string[] {
  const [, login] = /:\/\/[^/@:\s]*:([^/\s]+)@/.exec(text) ?? /https?:\/\/([^/:\s]+)@/.exec(text) ?? []
  const tokens = [...text.matchAll(URL_TOKEN)].map(([parameter]) => parameter.slice(parameter.indexOf('=') + 1))
  return login === undefined ? tokens : [login, ...tokens]
}

function withoutTokens(text: string): string {
  return text.includes('://') ? text.replace(URL_TOKEN, '$1***') : text
}
