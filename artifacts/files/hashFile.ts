/** SHA-256 of a user's file, and what tells without reading it whether it was written to. Never waits for a pipe. */
import { createHash } from "node:crypto"
import { constants, lstatSync, statSync } from "node:fs"
import { open, type FileHandle } from "node:fs/promises"
import { errnoOf } from "../failures.ts"

/** What the file system throws, in words that need no number to be understood. */
const reasonOf = (error: unknown): string => {
  switch (errnoOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such file"
    case "EACCES":
    case "EPERM":
      return "this user may not read it"
    case "ELOOP":
      return "its symbolic links lead in a circle"
    default:
      return error instanceof Error ? error.message : String(error)
  }
}

/** A file that has no content to hash; `message` says why, as half a sentence. */
export class NotReadable extends Error {}

// A pipe that nobody writes to is opened at once with O_NONBLOCK, and seen to be one.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

const blockBytes = 1 << 20

const digestOf = async (file: FileHandle): Promise<string> => {
  const stat = await file.stat()
  if (stat.isDirectory()) throw new NotReadable("it is a folder")
  if (!stat.isFile()) throw new NotReadable("it is a pipe, a socket or a device")
  const hash = createHash("sha256")
  const block = Buffer.allocUnsafe(Math.max(1, Math.min(blockBytes, stat.size + 1)))
  for (;;) {
    const { bytesRead } = await file.read(block, 0, block.byteLength, null)
    if (bytesRead === 0) return hash.digest("hex")
    hash.update(block.subarray(0, bytesRead))
  }
}

/** 64 hexadecimal digits. Rejects with `NotReadable` for whatever is no regular file that can be read. */
export const hashFile = async (path: string): Promise<string> => {
  let file: FileHandle | undefined
  try {
    file = await open(path, flags)
    return await digestOf(file)
  } catch (error) {
    throw error instanceof NotReadable ? error : new NotReadable(reasonOf(error))
  } finally {
    await file?.close()
  }
}

/**
 * Changes whenever the file is written to, replaced, or a link to it is set anew: sizes and times, of the link too.
 * Equal marks mean equal bytes; different ones say nothing of the bytes. `gone` where there is no file.
 */
export const writeMark = (path: string): string => {
  try {
    const [file, link] = [statSync(path, { bigint: true }), lstatSync(path, { bigint: true })]
    return `${file.size} ${file.mtimeNs} ${file.ctimeNs} ${link.ctimeNs}`
  } catch {
    return "gone"
  }
}
