/** Xᵀ X of a tall matrix X, rows × width row-major; the result is width × width. Cost: rows · width² flops. */
export const columnGram = (x: Float64Array, rows: number, width: number): Float64Array => {
  const gram = new Float64Array(width * width)
  for (let i = 0; i < rows; i++) {
    const row = x.subarray(i * width, (i + 1) * width)
    for (let p = 0; p < width; p++) {
      const value = row[p]
      const target = p * width
      for (let q = 0; q <= p; q++) gram[target + q] += value * row[q]
    }
  }
  for (let p = 0; p < width; p++) for (let q = 0; q < p; q++) gram[q * width + p] = gram[p * width + q]
  return gram
}
