/**
 * Embeddings that were found before, in the store's folder `margins`: certificates that claim margins and no bound, one file
 * or more for each matrix and dimension, `margins/<sha256 of the matrix>/d<dimension>-<sha256 of the embeddings>.npz`.
 *
 * A file is written whole under another name and renamed. One that another of the same dimension matches or beats under
 * every threshold is removed, so that processes that write at the same time lose nothing. `gc` leaves the folder alone.
 */
import * as Effect from "effect/Effect"
import { createHash, randomBytes } from "node:crypto"
import * as fs from "node:fs"
import { join } from "node:path"
import { offSphere } from "../../compute/margin/bound/proof/certify.ts"
import {
  certificateOf,
  claimsOf,
  type MarginClaim
} from "../../compute/margin/bound/proof/MarginCertificate.ts"
import { thresholds } from "../../compute/margin/bound/proof/Proof.ts"
import type { EmbeddingPair } from "../../compute/margin/EmbeddingPair.ts"
import type { Relevance, Threshold } from "../../compute/margin/Relevance.ts"
import { readCertificate, writeCertificate } from "../../stages/retrieval/certificateFile.ts"

type Margins = { readonly [T in Threshold]?: number }

/** What the store holds for one matrix. */
export interface Found {
  readonly pairs: ReadonlyArray<EmbeddingPair>
  /** What could not be read, in sentences. */
  readonly notes: ReadonlyArray<string>
}

interface FoundFile {
  readonly path: string
  readonly dims: number
}

/** Named by rows, columns and relevant entries, in the order in which the matrix has them. */
const folderOf = (root: string, a: Relevance): string => {
  const hash = createHash("sha256").update(`${a.rows} ${a.columns}\n`)
  for (const part of [a.indptr, a.indices])
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  return join(root, "margins", hash.digest("hex"))
}

const filesIn = (folder: string): ReadonlyArray<FoundFile> =>
  (fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []).flatMap((name) => {
    const dims = /^d(\d+)-[0-9a-f]+\.npz$/.exec(name)?.[1]
    return dims === undefined ? [] : [{ path: join(folder, name), dims: Number(dims) }]
  })

/** Whether there is a store in this folder. Without one nothing is kept. */
export const isStore = (root: string): boolean => fs.existsSync(join(root, "objects"))

/** Every pair of embeddings of A that was found in `dims` dimensions or fewer. */
export const foundBefore = Effect.fn("margin/found")(function* (root: string, a: Relevance, dims: number) {
  const pairs: Array<EmbeddingPair> = []
  const notes: Array<string> = []
  for (const file of filesIn(folderOf(root, a))) {
    if (file.dims > dims) continue
    const read = yield* Effect.result(readCertificate(file.path))
    if (read._tag === "Failure") {
      notes.push(`Embeddings found before are left out: ${read.failure.message}`)
      continue
    }
    const { relevance } = read.success
    if (relevance.rows !== a.rows || relevance.columns !== a.columns) continue
    for (const { claim } of claimsOf(read.success)) {
      if (claim.embeddings === undefined || claim.embeddings.dims > dims) continue
      if (offSphere(claim.embeddings) === undefined) pairs.push(claim.embeddings)
    }
  }
  return { pairs, notes } satisfies Found
})

/** Keeps embeddings with their margins, and removes what they make needless. */
export const keepFound = Effect.fn("margin/keep")(function* (
  root: string,
  a: Relevance,
  dims: number,
  embeddings: { readonly [T in Threshold]?: EmbeddingPair },
  margins: Margins
) {
  const claims: { [T in Threshold]?: MarginClaim } = {}
  const hash = createHash("sha256")
  for (const threshold of thresholds) {
    const pair = embeddings[threshold]
    const margin = margins[threshold]
    if (pair === undefined || margin === undefined) continue
    // No margin exceeds 1: the claim that needs no proof.
    const proof = { type: "packing", threshold, bound: 1 } as const
    claims[threshold] = { bound: 1, proof, margin, embeddings: pair }
    hash.update(threshold)
    for (const { buffer, byteLength, byteOffset } of [pair.queries, pair.documents])
      hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  }
  const folder = folderOf(root, a)
  const path = join(folder, `d${dims}-${hash.digest("hex").slice(0, 16)}.npz`)
  const others: Array<{ readonly path: string; readonly margins: Margins }> = []
  for (const file of filesIn(folder)) {
    if (file.dims !== dims || file.path === path) continue
    const read = yield* Effect.result(readCertificate(file.path))
    if (read._tag === "Failure") continue
    others.push({ path: file.path, margins: marginsOf(claimsOf(read.success)) })
  }
  if (fs.existsSync(path) || others.some((other) => matches(other.margins, margins))) return
  const temporary = join(folder, `.${randomBytes(8).toString("hex")}.npz`)
  fs.mkdirSync(folder, { recursive: true })
  yield* writeCertificate(temporary, certificateOf(a, dims, claims))
  const file = fs.openSync(temporary, "r")
  fs.fsyncSync(file)
  fs.closeSync(file)
  fs.renameSync(temporary, path)
  for (const other of others) if (matches(margins, other.margins)) fs.rmSync(other.path, { force: true })
})

const marginsOf = (claims: ReturnType<typeof claimsOf>): Margins =>
  Object.fromEntries(
    claims.flatMap(({ claim, threshold }) => (claim.margin === null ? [] : [[threshold, claim.margin]]))
  )

/** Whether `x` is at least `y` under every threshold. */
const matches = (x: Margins, y: Margins): boolean =>
  thresholds.every(
    (threshold) => y[threshold] === undefined || (x[threshold] ?? Number.NEGATIVE_INFINITY) >= y[threshold]
  )
