/**
 * Positive pointwise mutual information with a smoothed context distribution:
 *
 *   M(w, c) = max(0, ln [ X(w, c) · Σ_c' f(c')^α / ( f(w) · f(c)^α ) ] − ln s),   f(w) = Σ_c X(w, c), f(c) = Σ_w X(w, c)
 *
 * with α = 0.75 and a shift s ≥ 1 (s negative samples in word2vec's terms). Entries that are not positive are left out.
 * Cost O(nnz). Source: Levy, Goldberg & Dagan, "Improving distributional similarity with lessons learned from word
 * embeddings", TACL 3 (2015), sections 2.1, 3.2.
 */
import type { SparseMatrix } from "../linalg/SparseMatrix.ts"

export const ppmi = (
  counts: SparseMatrix,
  options: { readonly contextPower: number; readonly shift: number }
): SparseMatrix => {
  const { indptr, indices, values, rows, columns } = counts
  const ofWord = new Float64Array(rows)
  const ofContext = new Float64Array(columns)
  for (let w = 0; w < rows; w++) {
    for (let at = indptr[w]; at < indptr[w + 1]; at++) {
      ofWord[w] += values[at]
      ofContext[indices[at]] += values[at]
    }
  }
  const smoothed = ofContext.map((f) => (f > 0 ? f ** options.contextPower : 0))
  const total = smoothed.reduce((sum, f) => sum + f, 0)
  const logShift = Math.log(options.shift)

  const keptPointers = new Uint32Array(rows + 1)
  const keptIndices = new Uint32Array(indices.length)
  const keptValues = new Float64Array(indices.length)
  let kept = 0
  for (let w = 0; w < rows; w++) {
    for (let at = indptr[w]; at < indptr[w + 1]; at++) {
      const c = indices[at]
      const value = Math.log((values[at] * total) / (ofWord[w] * smoothed[c])) - logShift
      if (value <= 0) continue
      keptIndices[kept] = c
      keptValues[kept++] = value
    }
    keptPointers[w + 1] = kept
  }
  return {
    rows,
    columns,
    indptr: keptPointers,
    indices: keptIndices.slice(0, kept),
    values: keptValues.slice(0, kept)
  }
}
