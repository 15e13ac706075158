/**
 * Texts without the passwords and tokens that addresses and npm's settings carry. What other programs say (npm, a proxy, a
 * registry) may quote them; nothing of ours prints or stores such a text before it went through here.
 */

const mask = "***"

/** `scheme://user:password@`, up to the last `@` before the path; a password may hold a raw slash, where no port is meant. */
const userinfo =
  /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#'"<>]*@|[^\s/?#:@'"<>]+:(?!\d+(?:[/?#]|$))[^\s@'"<>]*@)/gi
/** `?token=…` and its fellows in an address. */
const query =
  /([?&](?:[a-z0-9_.-]*(?:token|secret|password|signature)|auth|_auth|key|api[_-]?key|sig)=)[^&\s#'"<>]+/gi
/** npm's own settings: `//host/:_authToken=…`. */
const setting = /(_authToken|_auth|_password)(["']?\s*[=:]\s*["']?)[^\s"',;]+/g
/** A header: `authorization: Bearer …`. */
const header = /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?)(?:(basic|bearer)\s+)?[^\s"',;]+/gi

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A secret in the forms in which a message may hold it: as it is, percent-encoded, decoded. */
const forms = (secret: string): ReadonlyArray<string> => [
  secret,
  decoded(secret),
  encodeURIComponent(secret),
  encodeURI(secret),
  encodeURIComponent(decoded(secret))
]

/** The text with every address' credentials, every credential setting and each of `secrets` masked. */
export const withoutCredentials = (text: string, secrets: ReadonlyArray<string> = []): string => {
  const known = [...new Set(secrets.flatMap(forms))]
    // A word of three letters would tear holes into every sentence, and hide nothing.
    .filter((secret) => secret.length >= 4)
    .sort((a, b) => b.length - a.length)
  const masked =
    known.length === 0 ? text : text.replaceAll(new RegExp(known.map(escapeRegExp).join("|"), "g"), mask)
  return masked
    .replaceAll(userinfo, `$1${mask}@`)
    .replaceAll(query, `$1${mask}`)
    .replaceAll(header, `$1${mask}`)
    .replaceAll(setting, `$1$2${mask}`)
}

/** The password of an address with `user:password@`, raw, and the pair as a header has it. */
const secretsOfAddress = (text: string): ReadonlyArray<string> => {
  const pair = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(text)?.[1]
  if (pair === undefined) return []
  return [pair.slice(pair.indexOf(":") + 1), Buffer.from(decoded(pair)).toString("base64")]
}

/** Every password and token among settings (npm's, flat): their values, and what base64 hides in them. */
export const secretsOf = (settings: { readonly [name: string]: unknown }): ReadonlyArray<string> => {
  const secrets = new Set<string>()
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value !== "string" || value === "") continue
    for (const secret of secretsOfAddress(value)) secrets.add(secret)
    if (!/(_authToken|_auth|_password|password|token|otp|:key|^key)$/i.test(name)) continue
    secrets.add(value)
    if (!/(_auth|_password)$/.test(name)) continue
    const plain = Buffer.from(value, "base64").toString("utf8")
    secrets.add(plain)
    if (plain.includes(":")) secrets.add(plain.slice(plain.indexOf(":") + 1))
  }
  secrets.delete("")
  return [...secrets]
}
