/** Makes npm tarballs in memory. */
import { Header, Pack, ReadEntry } from "tar"

/** A gzipped tarball with the given files under `package/`, as npm packs them. */
export const makeTarball = async (files: {
  readonly [path: string]: string | Uint8Array
}): Promise<Uint8Array> => {
  const pack = new Pack({ gzip: true, portable: true })
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content)
    const header = new Header({ path: `package/${path}`, type: "File", mode: 0o644, size: bytes.length })
    const entry = new ReadEntry(header)
    pack.add(entry)
    entry.end(bytes)
  }
  pack.end()
  return Buffer.concat(await pack.collect())
}
