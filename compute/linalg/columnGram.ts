/**
 * Xᵀ X of a tall matrix X, rows × width row-major; the result is width × width. Cost: rows · width² flops, four rows at a
 * time.
 */
export const columnGram = (x: Float64Array, rows: number, width: number): Float64Array => {
  const gram = new Float64Array(width * width)
  const empty = new Float64Array(width)
  const row = (i: number) => (i < rows ? x.subarray(i * width, (i + 1) * width) : empty)
  for (let i = 0; i < rows; i += 4) {
    const r0 = row(i)
    const r1 = row(i + 1)
    const r2 = row(i + 2)
    const r3 = row(i + 3)
    for (let p = 0; p < width; p++) {
      const v0 = r0[p]
      const v1 = r1[p]
      const v2 = r2[p]
      const v3 = r3[p]
      const target = p * width
      for (let q = 0; q <= p; q++) gram[target + q] += v0 * r0[q] + v1 * r1[q] + v2 * r2[q] + v3 * r3[q]
    }
  }
  for (let p = 0; p < width; p++) for (let q = 0; q < p; q++) gram[q * width + p] = gram[p * width + q]
  return gram
}
