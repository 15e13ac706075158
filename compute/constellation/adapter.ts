/**
 * The explicit adapter of a locked modality: one extra coordinate that lets fixed embeddings take any relative bias.
 *
 *   A₊(u) = (δ u, +√(1 − δ²))     for locked modalities
 *   A₋(v) = (δ v, −√(1 − δ²))     for trained ones
 *   ⟨A_p u, A_q v⟩ = δ² ⟨u, v⟩ + pq (1 − δ²),   p, q = ±1
 *
 * Identity: the relative-bias loss of the adapted scores at (t, b) is the plain one at (δ² t, (b − pq(1 − δ²)) / δ²), so a
 * trainable t and b already contain the adapter. δ = sigmoid(x) with x trained keeps δ in (0, 1).
 *
 * Source: arXiv 2509.18552, Observation 1.
 */

/** δ = 1 / (1 + e^−x). */
export const adapterScale = (x: number): number => 1 / (1 + Math.exp(-x))

/** Appends the adapter's coordinate to rows of `dims` numbers; returns rows of `dims` + 1. `sign` is +1 or −1. */
export const adapt = (
  data: Float32Array | Float64Array,
  dims: number,
  delta: number,
  sign: 1 | -1
): Float64Array => {
  const rows = data.length / dims
  const result = new Float64Array(rows * (dims + 1))
  const last = sign * Math.sqrt(1 - delta * delta)
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < dims; c++) result[i * (dims + 1) + c] = delta * data[i * dims + c]
    result[i * (dims + 1) + dims] = last
  }
  return result
}

/** The inverse temperature and relative bias at which the plain loss equals the adapted one; `sign` is pq above. */
export const withoutAdapter = (
  inverseTemperature: number,
  relativeBias: number,
  delta: number,
  sign: 1 | -1
): { readonly inverseTemperature: number; readonly relativeBias: number } => ({
  inverseTemperature: delta * delta * inverseTemperature,
  relativeBias: (relativeBias - sign * (1 - delta * delta)) / (delta * delta)
})
