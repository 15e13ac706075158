/** What a process remembers of a file whose bytes it has hashed: if any of it is another, the file is hashed again. */
import { createHash, hash } from "node:crypto"
import * as fs from "node:fs"

/** Times in nanoseconds. */
export interface FileFacts {
  readonly size: bigint
  readonly mtime: bigint
  readonly ctime: bigint
  readonly inode: bigint
}

const factsIn = (stat: fs.BigIntStats): FileFacts => ({
  size: stat.size,
  mtime: stat.mtimeNs,
  ctime: stat.ctimeNs,
  inode: stat.ino
})

/** Undefined where there is no such file. Throws what the file system throws for one that cannot be looked at. */
export const factsOf = (path: string): FileFacts | undefined => {
  const stat = fs.statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? undefined : factsIn(stat)
}

export const sameFacts = (a: FileFacts, b: FileFacts): boolean =>
  a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime && a.inode === b.inode

export interface Hashed {
  readonly digest: string
  /** Before the first byte was read: a change while it is read shows at the next look. */
  readonly facts: FileFacts
}

/** Files up to this are read at once. */
const whole = 256 << 10
/** Larger ones are hashed by pieces: the next is read meanwhile, and timers and signals have their turn between two. */
const piece = 1 << 20

/** A pipe in a file's place does not hold the process up. */
const reading = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0)

/** SHA-256 of a file. Throws what the file system throws. */
export const hashFile = (path: string): Hashed | Promise<Hashed> => {
  const file = fs.openSync(path, reading)
  let later = false
  try {
    const stat = fs.fstatSync(file, { bigint: true })
    if (!stat.isFile()) throw Object.assign(new Error(`EISDIR: not a file, ${path}`), { code: "EISDIR" })
    const facts = factsIn(stat)
    if (stat.size <= whole) return { digest: hash("sha256", fs.readFileSync(file), "hex"), facts }
    later = true
    return hashByPieces(file).then((digest) => ({ digest, facts }))
  } finally {
    if (!later) fs.closeSync(file)
  }
}

const hashByPieces = async (file: number): Promise<string> => {
  try {
    const sha = createHash("sha256")
    const buffers = [Buffer.allocUnsafe(piece), Buffer.allocUnsafe(piece)] as const
    let next = readPiece(file, buffers[0])
    for (let i = 0; ; i++) {
      const got = await next
      if (got === 0) return sha.digest("hex")
      const current = buffers[i & 1]!
      next = readPiece(file, buffers[(i + 1) & 1]!)
      sha.update(got === piece ? current : current.subarray(0, got))
    }
  } finally {
    fs.closeSync(file)
  }
}

const readPiece = (file: number, into: Buffer): Promise<number> =>
  new Promise((resolve, reject) =>
    fs.read(file, into, 0, piece, null, (error, got) => (error === null ? resolve(got) : reject(error)))
  )
