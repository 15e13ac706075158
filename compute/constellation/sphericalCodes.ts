/**
 * Spherical codes: sets of unit vectors with small pairwise inner products.
 *
 * Known optima: the regular simplex (d + 1 points, a = −1/d), the cross-polytope (2d points, a = 0), the icosahedron
 * (12 points in 3 dimensions, a = 1/√5), the 24-cell (24 in 4, a = ½) and the E8 roots (240 in 8, a = ½; Levenshtein,
 * "On bounds for packings in n-dimensional Euclidean space", 1979; Odlyzko & Sloane, 1979). For other sizes
 * `optimisedCode` searches.
 *
 * All codes are row-major float64, one point a row.
 */

/** The regular simplex: `points` unit vectors in `points` − 1 dimensions with pairwise scores −1/(points − 1). */
export const simplexCode = (points: number): Float64Array => {
  if (!Number.isInteger(points) || points < 2) throw new RangeError(`A simplex of ${points} points.`)
  const dims = points - 1
  const code = new Float64Array(points * dims)
  // Coordinate c separates point c from those after it, which all share −√(…)/(points − 1 − c) there.
  for (let c = 0; c < dims; c++) {
    let used = 0
    for (let before = 0; before < c; before++) used += code[c * dims + before] ** 2
    const height = Math.sqrt(1 - used)
    code[c * dims + c] = height
    for (let i = c + 1; i < points; i++) code[i * dims + c] = -height / (points - 1 - c)
  }
  return code
}

/** ±e_1 … ±e_d: 2d points with pairwise scores ≤ 0. */
export const crossPolytope = (dims: number): Float64Array => {
  const code = new Float64Array(2 * dims * dims)
  for (let c = 0; c < dims; c++) {
    code[2 * c * dims + c] = 1
    code[(2 * c + 1) * dims + c] = -1
  }
  return code
}

/** 12 points in 3 dimensions with pairwise scores ≤ 1/√5. */
export const icosahedron = (): Float64Array => {
  const golden = (1 + Math.sqrt(5)) / 2
  const length = Math.sqrt(1 + golden * golden)
  const points: Array<number> = []
  for (let shift = 0; shift < 3; shift++) {
    for (const a of [1, -1]) {
      for (const b of [golden, -golden]) {
        const point = [0, 0, 0]
        point[(shift + 1) % 3] = a / length
        point[(shift + 2) % 3] = b / length
        points.push(...point)
      }
    }
  }
  return Float64Array.from(points)
}

/** The roots of D_d scaled to unit length, ±e_i ± e_j: 2d(d − 1) points with pairwise scores ≤ ½. d = 4 is the 24-cell. */
export const rootsD = (dims: number): Float64Array => {
  const half = Math.SQRT1_2
  const points: Array<number> = []
  for (let i = 0; i < dims; i++) {
    for (let j = i + 1; j < dims; j++) {
      for (const a of [half, -half]) {
        for (const b of [half, -half]) {
          const point = Array.from({ length: dims }, () => 0)
          point[i] = a
          point[j] = b
          points.push(...point)
        }
      }
    }
  }
  return Float64Array.from(points)
}

/** The 240 roots of E8 in 8 dimensions, pairwise scores ≤ ½: those of D8 and (±½)⁸/√2 with an even number of minus signs. */
export const rootsE8 = (): Float64Array => {
  const points = Array.from(rootsD(8))
  const quarter = Math.SQRT1_2 / 2
  for (let signs = 0; signs < 256; signs++) {
    let minus = 0
    for (let c = 0; c < 8; c++) minus += (signs >> c) & 1
    if (minus % 2 === 0) {
      for (let c = 0; c < 8; c++) points.push((signs >> c) & 1 ? -quarter : quarter)
    }
  }
  return Float64Array.from(points)
}

/** The largest inner product of two different points: the code's threshold a. */
export const codeThreshold = (code: Float64Array, dims: number): number => {
  const points = code.length / dims
  let largest = -Infinity
  for (let i = 0; i < points; i++) {
    for (let j = i + 1; j < points; j++) {
      let sum = 0
      for (let c = 0; c < dims; c++) sum += code[i * dims + c] * code[j * dims + c]
      if (sum > largest) largest = sum
    }
  }
  return largest
}
