import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dimensionFree } from "../../../compute/margin/bound/dimensionFree.ts"
import { arraysOf, certificateFrom } from "../../../compute/margin/bound/proof/arraysOf.ts"
import { certify } from "../../../compute/margin/bound/proof/certify.ts"
import {
  certificateOf,
  provedMatrix,
  type MarginCertificate,
  type MarginClaim
} from "../../../compute/margin/bound/proof/MarginCertificate.ts"
import { thresholds } from "../../../compute/margin/bound/proof/Proof.ts"
import { upperBounds } from "../../../compute/margin/bound/upperBounds.ts"
import { distinctColumns, ofAll } from "../../../compute/margin/distinctColumns.ts"
import { zeroPad } from "../../../compute/margin/EmbeddingPair.ts"
import { completeGraph, randomGraph } from "../../../compute/margin/graphs.ts"
import { fromLists, type Relevance, type Threshold } from "../../../compute/margin/Relevance.ts"
import { makeRandom } from "../../../compute/random/RandomStream.ts"

/** All that a solve in dimension `dim` ≥ n + 1 would claim: the dimension-free embeddings. */
const certificate = (a: Relevance, dim: number): MarginCertificate => {
  const distinct = distinctColumns(a)
  const free = new Map(
    thresholds.map((threshold) => [threshold, dimensionFree(distinct.relevance, threshold)])
  )
  const claims: { [T in Threshold]?: MarginClaim } = {}
  for (const [threshold, { proof, value }] of upperBounds(distinct.relevance, dim, free)) {
    const { embeddings, lower } = free.get(threshold)!
    claims[threshold] = {
      bound: value,
      proof,
      margin: lower! - 1e-15,
      embeddings: zeroPad(ofAll(embeddings!, distinct), Math.min(dim, a.columns + 2))
    }
  }
  return certificateOf(a, dim, claims)
}

const throughFile = (given: MarginCertificate): MarginCertificate => {
  const { arrays, claims } = arraysOf(given)
  const read = certificateFrom(claims, new Map(Object.entries(arrays)))
  if (typeof read === "string") throw new Error(read)
  return read
}

const copies = fromLists(6, [[0, 1], [2, 3, 4], [0, 1, 5], [5]])

describe("certificates", () => {
  it.each([
    ["complete:6,2", completeGraph(6, 2), Infinity],
    ["random", randomGraph(7, 2, 12, makeRandom("0", "g")), 9],
    ["equal columns", copies, 8]
  ])("%s: what a file holds proves what was claimed, to the last bit", (_, a, dim) => {
    const made = certificate(a, dim)
    const results = certify(throughFile(made))
    expect(results.map(({ threshold }) => threshold)).toEqual(thresholds)
    for (const { bound, boundClaimed, faults, margin, marginClaimed } of results) {
      expect(faults).toEqual([])
      expect(bound).toBe(boundClaimed)
      expect(margin!).toBeGreaterThanOrEqual(marginClaimed!)
    }
  })

  it("equal columns: proofs are over the first of each kind", () => {
    const made = certificate(copies, 8)
    expect([...made.columns!]).toEqual([0, 2, 5])
    expect(provedMatrix(throughFile(made))).toEqual({
      ...distinctColumns(copies).relevance,
      rows: 4,
      columns: 3
    })
  })

  it("a smaller bound, a larger margin, a row off the sphere, a lower dimension: each is refused with a sentence", () => {
    const made = certificate(completeGraph(6, 2), 9)
    const changed = (patch: Partial<MarginClaim>, dim = 9): string =>
      certify({ ...made, dim, claims: { zero: { ...made.claims.zero!, ...patch } } })[0].faults.join(" ")
    const { bound, embeddings, margin, proof } = made.claims.zero!
    expect(changed({})).toBe("")
    expect(changed({ bound: bound * (1 - 1e-12) })).toMatch(
      /^The proof gives the bound [\d.]+, not the claimed/
    )
    expect(changed({ bound: Number.NaN })).toMatch(/not the claimed NaN/)
    expect(changed({ margin: margin! + 1e-12 })).toMatch(/^Its embeddings have the margin/)
    const queries = embeddings!.queries.map((x, at) => (at < embeddings!.dims ? x * (1 + 1e-9) : x))
    expect(changed({ embeddings: { ...embeddings!, queries } })).toMatch(/query 0 is no unit vector/)
    expect(changed({}, 3)).toMatch(/are of dimension 8, above 3/)
    expect(changed({ proof: { type: "packing", threshold: "zero", bound: 0.01 } })).toMatch(/gives no bound/)
    expect(
      certify({
        ...made,
        claims: { row: { bound, margin: null, proof: { ...proof, threshold: "zero" } } }
      })[0].faults
    ).toEqual(["The proof is for the threshold 'zero', which is stricter."])
    // The embeddings are gone, and the margin is still claimed.
    const { zero } = made.claims
    expect(
      certify({ ...made, claims: { zero: { bound: zero!.bound, margin: 0.1, proof } } })[0].faults
    ).toHaveLength(1)
  })

  it("whatever one number of a proof is changed to, no bound below the best margin is proved", () => {
    const made = certificate(randomGraph(6, 2, 8, makeRandom("1", "g")), Infinity)
    const { arrays, claims } = arraysOf(made)
    const names = Object.keys(arrays).filter((name) => name.includes("weights"))
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.nat(),
        fc.oneof(fc.double(), fc.constantFrom(0, -1, 1e-320, Infinity)),
        (name, at, value) => {
          const { data, shape } = arrays[name]
          const other = Float64Array.from(data)
          other[at % other.length] = value
          const read = certificateFrom(
            claims,
            new Map(Object.entries({ ...arrays, [name]: { shape, data: other } }))
          )
          if (typeof read === "string") return
          for (const { bound, margin } of certify(read)) expect(bound).toBeGreaterThanOrEqual(margin! - 1e-12)
        }
      ),
      { numRuns: 200 }
    )
  })

  it("what is missing or of the wrong shape is said, or proves nothing", () => {
    const { arrays, claims } = arraysOf(certificate(completeGraph(5, 2), 7))
    const without = (...names: ReadonlyArray<string>): MarginCertificate | string =>
      certificateFrom(claims, new Map(Object.entries(arrays).filter(([name]) => !names.includes(name))))
    expect(certificateFrom("{}", new Map())).toMatch(/no 'asterism margin certificate 1'/)
    expect(certificateFrom("no json", new Map())).toMatch(/no 'asterism margin certificate 1'/)
    expect(without("indices")).toMatch(/no matrix/)
    expect(without("zero.documents")).toMatch(/zero' have not the shapes/)
    for (const name of Object.keys(arrays).filter((name) => name.includes("weights"))) {
      const read = without(name)
      if (typeof read === "string") throw new Error(read)
      expect(certify(read).some(({ bound }) => bound === Infinity)).toBe(true)
    }
    const rows = Float64Array.from(arrays.indices.data)
    rows[1] = rows[0]
    const damaged = new Map(Object.entries({ ...arrays, indices: { ...arrays.indices, data: rows } }))
    expect(certificateFrom(claims, damaged)).toMatch(/the columns of row 0 do not rise below 5/)
  })
})
