/** Copies an object to a user's file: the bytes that are written are hashed, and the file is there whole or not at all. */
import { createHash, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { basename, dirname, extname, join } from "node:path"

/**
 * Where a file is written before it takes its name: beside it, with its extension. A link's target is what is replaced.
 * Throws where a folder is in the file's place.
 */
export const besideOf = (path: string): { readonly temporary: string; readonly final: string } => {
  const final = fs.existsSync(path) ? fs.realpathSync(path) : path
  if (fs.statSync(final, { throwIfNoEntry: false })?.isDirectory() === true)
    throw Object.assign(new Error(`EISDIR: it is a folder, '${path}'`), { code: "EISDIR" })
  const extension = extname(path)
  const stem = basename(final, extension)
  const temporary = join(
    dirname(final),
    `.${stem}.${process.pid}-${randomBytes(4).toString("hex")}${extension}`
  )
  return { temporary, final }
}

const piece = 1 << 20

/** Reads on `from` are told apart from writes: only the latter are the target's fault. */
export class ReadError extends Error {
  override readonly cause: unknown
  constructor(cause: unknown) {
    super("the object could not be read")
    this.cause = cause
  }
}

/** The SHA-256 of the bytes that are now in `to`, which must not exist. Throws a ReadError or what writing throws. */
export const copyHashing = async (from: string, to: string): Promise<string> => {
  const reading = await open(from)
  try {
    const writing = await fs.promises.open(to, "wx")
    try {
      const hash = createHash("sha256")
      const buffer = Buffer.allocUnsafe(piece)
      for (;;) {
        const got = await read(reading, buffer)
        if (got === 0) break
        const bytes = buffer.subarray(0, got)
        hash.update(bytes)
        await writing.writeFile(bytes)
      }
      return hash.digest("hex")
    } finally {
      await writing.close()
    }
  } finally {
    await reading.close()
  }
}

const open = (path: string): Promise<fs.promises.FileHandle> =>
  fs.promises.open(path, "r").catch((error: unknown) => Promise.reject(new ReadError(error)))

const read = async (file: fs.promises.FileHandle, buffer: Buffer): Promise<number> => {
  try {
    return (await file.read(buffer, 0, buffer.byteLength, null)).bytesRead
  } catch (error) {
    throw new ReadError(error)
  }
}
