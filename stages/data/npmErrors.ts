/** What went wrong while fetching a package, said so that a user knows what to do. */
import { withoutCredentials } from "../../schemas/credentials.ts"
import { InputError } from "../../schemas/errors.ts"

/** The errors of npm's libraries: Node's system errors with npm's own codes beside them. */
interface NpmError {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly message?: unknown
  readonly found?: unknown
}

/** Codes after which the same request may succeed: connections that broke, time-outs, a registry that is busy. */
const transient = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "ENOTFOUND",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "EIDLETIMEOUT",
  "ERESPONSETIMEOUT",
  "ECONNECTIONTIMEOUT",
  "ERR_SOCKET_TIMEOUT",
  "ERR_STREAM_PREMATURE_CLOSE",
  "FETCH_ERROR",
  "E429",
  "E500",
  "E502",
  "E503",
  "E504"
])

const codeOf = (error: unknown): string => {
  const { code, statusCode } = (error ?? {}) as NpmError
  return typeof code === "string" ? code : typeof statusCode === "number" ? `E${statusCode}` : ""
}

export const isTransient = (error: unknown): boolean => transient.has(codeOf(error))

/** The error a user sees for what npm's library threw. No password or token that npm was given is in it. */
export const explain = (
  error: unknown,
  wanted: { readonly name: string; readonly version: string; readonly integrity: string },
  address: string,
  secrets: ReadonlyArray<string> = []
): InputError => {
  const code = codeOf(error)
  const { message, found } = (error ?? {}) as NpmError
  const spec = `${wanted.name}@${wanted.version}`
  const safe = (text: string): string => withoutCredentials(text, secrets)
  const registry = safe(address)
  const detail = safe(typeof message === "string" ? (message.split("\n")[0] ?? "") : String(error))
  if (code === "E404" || code === "ETARGET") {
    return new InputError({
      what: `The registry has no package ${spec}.`,
      where: registry,
      next: "check the name and version, and with 'npm config get registry' that this is the registry you mean"
    })
  }
  if (code === "EINTEGRITY") {
    return new InputError({
      what: `The registry served other bytes for ${spec} than the study pins; nothing was kept.`,
      where: registry,
      expected: `${wanted.integrity}, found ${String(found ?? /but got (\S+?)\.?( |$)/.exec(detail)?.[1])}`,
      next: `compare with 'npm view ${spec} dist.integrity' on the public registry: a mirror may be corrupt`
    })
  }
  if (code === "ENOTCACHED") {
    return new InputError({
      what: `npm is set to work offline, and ${spec} is not in its cache.`,
      where: registry,
      next: `unset it with 'npm config delete offline', or run 'npm cache add ${spec}' where there is a network`
    })
  }
  if (code === "E401" || code === "E403" || code === "ENEEDAUTH") {
    return new InputError({
      what: `The registry refuses to serve ${spec} (${code}).`,
      where: registry,
      next: "log in with 'npm login', or ask whoever runs the registry to allow the package"
    })
  }
  if (isTransient(error)) {
    return new InputError({
      what: `The npm registry cannot be reached (${code}): ${detail}`.replace(/\.?$/, "."),
      where: `${registry}, while fetching ${spec}`,
      next: "check the network and 'npm config get registry proxy https-proxy', then run the same command again"
    })
  }
  return new InputError({
    what: `${spec} could not be fetched${code === "" ? "" : ` (${code})`}: ${detail}`.replace(/\.?$/, "."),
    where: registry,
    next: `see whether 'npm pack ${spec}' works, then run the same command again`
  })
}
