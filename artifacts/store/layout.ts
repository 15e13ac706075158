/** Where things are in a store's folder, and how they are named. */
import { join, sep } from "node:path"

export interface Layout {
  readonly root: string
  readonly objects: string
  readonly records: string
  readonly index: string
  readonly checkpoints: string
  readonly leases: string
  readonly quarantine: string
  readonly runs: string
  readonly tmp: string
  readonly live: string
}

export const layoutOf = (root: string): Layout => ({
  root,
  objects: join(root, "objects"),
  records: join(root, "records"),
  index: join(root, "index"),
  checkpoints: join(root, "checkpoints"),
  leases: join(root, "leases"),
  quarantine: join(root, "quarantine"),
  runs: join(root, "runs"),
  tmp: join(root, "tmp"),
  live: join(root, "live")
})

// Paths are put together as text: a plan makes thousands, and `join` would normalise each of them again.

/** `objects/ab/abcd...`: digests spread over 256 folders. */
export const shard = (folder: string, id: string): string => `${folder}${sep}${id.slice(0, 2)}`

export const manifestSuffix = ".manifest.json"

export const manifestPath = (layout: Layout, digest: string): string =>
  `${shard(layout.objects, digest)}${sep}${digest}${manifestSuffix}`

/** An object keeps its format's extension, so that other programs know what it is. */
export const objectPath = (layout: Layout, digest: string, extension: string): string =>
  `${shard(layout.objects, digest)}${sep}${digest}${extension === "" ? "" : `.${extension}`}`

export const recordPath = (layout: Layout, fingerprint: string): string =>
  `${shard(layout.records, fingerprint)}${sep}${fingerprint}.json`

export const isId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** Extensions come from kinds that users may define: anything but letters and digits becomes `bin`. */
export const safeExtension = (extension: string): string =>
  /^[a-z0-9]{1,16}$/i.test(extension) ? extension : "bin"
