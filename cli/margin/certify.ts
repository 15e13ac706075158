/** What `asterism certify` does: finds certificates and recomputes what they claim. */
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import { join } from "node:path"
import { Store } from "../../artifacts/Store.ts"
import type { ReadOptions } from "../../artifacts/files/readMatrix.ts"
import { certify, type Certified } from "../../compute/margin/bound/proof/certify.ts"
import type { Relevance } from "../../compute/margin/Relevance.ts"
import { InputError } from "../../schemas/errors.ts"
import { MarginCertificate } from "../../schemas/MarginCertificate.ts"
import { readCertificate } from "../../stages/retrieval/certificateFile.ts"
import { resolvePrefix } from "../artifact.ts"
import { withStore } from "../services.ts"
import { namedRelevance } from "./relevance.ts"

export interface CertifiedFile {
  readonly file: string
  readonly rows: number
  readonly columns: number
  readonly claims: ReadonlyArray<Certified>
}

/** Every certificate that `reference` names: a file, a folder of them, an artifact, or a record with some among its outputs. */
export const certifyAll = Effect.fn("certify")(function* (
  reference: string,
  matrix: string | undefined,
  read: ReadOptions
) {
  const given = matrix === undefined ? undefined : (yield* namedRelevance(matrix, read)).relevance
  const files = fs.existsSync(reference)
    ? yield* filesAt(reference)
    : yield* withStore(artifactsOf(reference))
  const results: Array<CertifiedFile> = []
  for (const file of files) {
    const certificate = yield* readCertificate(file)
    const { columns, rows } = certificate.relevance
    const other = given !== undefined && !sameMatrix(given, certificate.relevance)
    const claims = certify(certificate).map((claim) =>
      other ? { ...claim, faults: [...claim.faults, `Its matrix is not that of ${matrix}.`] } : claim
    )
    results.push({ file, rows, columns, claims })
  }
  return results
})

const filesAt = Effect.fn("certify/files")(function* (path: string) {
  if (!fs.statSync(path).isDirectory()) return [path]
  const names = fs
    .readdirSync(path)
    .filter((name) => /certificate[^/]*\.npz$/.test(name))
    .sort()
  if (names.length > 0) return names.map((name) => join(path, name))
  return yield* new InputError({
    what: "The folder holds no certificate.",
    where: path,
    expected: "files such as zero-certificate.npz",
    next: "write some with 'asterism margin <A> --dim d --save <folder>'"
  })
})

const artifactsOf = Effect.fn("certify/artifacts")(function* (reference: string) {
  const store = yield* Store
  const found = yield* resolvePrefix(reference)
  const record = found.type === "record" ? yield* store.record(found.id) : undefined
  const digests =
    record === undefined ? [found.id] : record._tag === "Some" ? Object.values(record.value.outputs) : []
  const paths: Array<string> = []
  for (const digest of digests) {
    if ((yield* store.manifest(digest)).kind === MarginCertificate.name)
      paths.push(yield* store.pathOf(digest))
  }
  if (paths.length > 0) return paths
  return yield* new InputError({
    what: `'${reference}' is no certificate and has none among its outputs.`,
    where: store.root,
    expected: "an artifact of the kind MarginCertificate, or a record that made one",
    next: "'asterism show <run>' lists a run's artifacts"
  })
})

const sameMatrix = (x: Relevance, y: Relevance): boolean =>
  x.rows === y.rows &&
  x.columns === y.columns &&
  x.indptr.every((start, j) => start === y.indptr[j]) &&
  x.indices.every((column, e) => column === y.indices[e])
