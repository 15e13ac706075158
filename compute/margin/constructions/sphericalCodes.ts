/**
 * Spherical codes of one relevant document a query: with queries equal to documents, n points of greatest inner product s
 * have global margin (1 − s) / 2, and no better code means no better margin of this kind.
 *
 * The best known ones that have a formula: polygons, simplices, halves of cross-polytopes and the whole, the square antiprism
 * (8 points in d = 3), nine points of 1/3, the icosahedron, the snub cube (24), the 24-cell, the 600-cell (the unit
 * icosians, a group of quaternions) and what E8's 240 roots hold: the neighbours of a point in the code before (56 points of
 * 1/3 in d = 7, 27 of 1/4 in 6, 16 of 1/5 in 5, 10 of 1/6 in 4) and the roots at right angles to some (126 in d = 7, 72 in 6, 40 in
 * 5), all of 1/2. Any n of a code's points are a code; others are left to search.
 * Source: Conway & Sloane, Sphere Packings, Lattices and Groups, chapters 1, 5 and 14; N. J. A. Sloane, tables of spherical
 * codes, neilsloane.com/packings; Bachoc & Vallentin 2009 for the ten points.
 */
import {
  codeThreshold,
  crossPolytope,
  icosahedron,
  rootsE8,
  simplexCode
} from "../../constellation/sphericalCodes.ts"
import { normaliseRows } from "../margins.ts"

export interface SphericalCode {
  readonly name: string
  readonly dims: number
  /** points × dims */
  readonly points: Float64Array
  /** The greatest inner product of two points. */
  readonly threshold: number
}

interface Entry {
  readonly name: string
  readonly dims: number
  readonly size: number
  readonly threshold: number
  readonly make: () => Float64Array
}

/** The code of n points of least inner product in dimension ≤ `dims` among the above; undefined where none has n points. */
export const sphericalCode = (n: number, dims: number): SphericalCode | undefined => {
  if (n < 2 || dims < 1) return undefined
  const fitting = [...family(n, dims), ...single].filter((entry) => entry.size >= n && entry.dims <= dims)
  if (fitting.length === 0) return undefined
  const best = fitting.reduce((least, entry) => (entry.threshold < least.threshold - 1e-12 ? entry : least))
  const points = best.make().slice(0, n * best.dims)
  return { name: best.name, dims: best.dims, points, threshold: codeThreshold(points, best.dims) }
}

/** Codes there are for every n or d. */
const family = (n: number, dims: number): ReadonlyArray<Entry> => {
  const half = Math.ceil(n / 2)
  return [
    { name: "simplex", dims: n - 1, size: n, threshold: -1 / (n - 1), make: () => simplexCode(n) },
    { name: "cross-polytope", dims: half, size: 2 * half, threshold: 0, make: () => crossPolytope(half) },
    {
      name: "polygon",
      dims: Math.min(dims, 2),
      size: dims < 2 ? 0 : n,
      threshold: Math.cos((2 * Math.PI) / n),
      make: () => polygon(n)
    }
  ]
}

const golden = (1 + Math.sqrt(5)) / 2
/** The root of t³ = t² + t + 1. */
const tribonacci = (1 + Math.cbrt(19 - 3 * Math.sqrt(33)) + Math.cbrt(19 + 3 * Math.sqrt(33))) / 3

const single: ReadonlyArray<Entry> = [
  {
    name: "square antiprism",
    dims: 3,
    size: 8,
    threshold: 1 / (1 + 2 * Math.SQRT2),
    make: () => squareAntiprism()
  },
  { name: "augmented prism", dims: 3, size: 9, threshold: 1 / 3, make: () => augmentedPrism() },
  { name: "icosahedron", dims: 3, size: 12, threshold: 1 / Math.sqrt(5), make: icosahedron },
  {
    name: "snub cube",
    dims: 3,
    size: 24,
    threshold: tribonacci ** 2 / (1 + tribonacci ** 2 + tribonacci ** -2),
    make: () => snubCube()
  },
  { name: "ten points of E8", dims: 4, size: 10, threshold: 1 / 6, make: () => neighbours(4) },
  { name: "24-cell", dims: 4, size: 24, threshold: 1 / 2, make: () => icosians().slice(0, 96) },
  { name: "600-cell", dims: 4, size: 120, threshold: golden / 2, make: () => icosians() },
  { name: "sixteen points of E8", dims: 5, size: 16, threshold: 1 / 5, make: () => neighbours(5) },
  { name: "roots of D5", dims: 5, size: 40, threshold: 1 / 2, make: () => rootsBeside(5) },
  { name: "27 points of E8", dims: 6, size: 27, threshold: 1 / 4, make: () => neighbours(6) },
  { name: "roots of E6", dims: 6, size: 72, threshold: 1 / 2, make: () => rootsBeside(6) },
  { name: "56 points of E8", dims: 7, size: 56, threshold: 1 / 3, make: () => neighbours(7) },
  { name: "roots of E7", dims: 7, size: 126, threshold: 1 / 2, make: () => rootsBeside(7) },
  { name: "roots of E8", dims: 8, size: 240, threshold: 1 / 2, make: rootsE8 }
]

/** Row-major points given one by one. */
const rows = (points: ReadonlyArray<ReadonlyArray<number>>): Float64Array =>
  normaliseRows(Float64Array.from(points.flat()), points[0].length)

const polygon = (n: number): Float64Array =>
  rows(Array.from({ length: n }, (_, i) => circle(1, (2 * Math.PI * i) / n)))

const circle = (radius: number, angle: number, ...rest: ReadonlyArray<number>): ReadonlyArray<number> => [
  radius * Math.cos(angle),
  radius * Math.sin(angle),
  ...rest
]

/** Two squares, one turned by 45°, so high that edges of a square and edges between squares are of one length. */
const squareAntiprism = (): Float64Array => {
  const height = 1 / Math.sqrt(1 + 2 * Math.SQRT2)
  const radius = Math.sqrt(1 - height * height)
  return rows(
    Array.from({ length: 8 }, (_, i) => circle(radius, (Math.PI * i) / 4, i % 2 === 0 ? height : -height))
  )
}

/** A triangular prism with a point before each of its squares. */
const augmentedPrism = (): Float64Array =>
  rows(
    Array.from({ length: 3 }, (_, i) => (2 * Math.PI * i) / 3).flatMap((angle) => [
      circle(2 / 3, angle, Math.sqrt(5) / 3),
      circle(2 / 3, angle, -Math.sqrt(5) / 3),
      circle(1, angle + Math.PI / 3, 0)
    ])
  )

/** Even permutations of (±1, ±1/t, ±t) with an even number of minus signs, odd ones with an odd number. */
const snubCube = (): Float64Array => {
  const points: Array<ReadonlyArray<number>> = []
  const [x, y, z] = [1, 1 / tribonacci, tribonacci]
  for (let signs = 0; signs < 8; signs++) {
    const [p, q, r] = [signs & 1 ? -x : x, signs & 2 ? -y : y, signs & 4 ? -z : z]
    const odd = [1, 2, 4, 7].includes(signs)
    points.push(
      ...(odd
        ? [
            [q, p, r],
            [p, r, q],
            [r, q, p]
          ]
        : [
            [p, q, r],
            [q, r, p],
            [r, p, q]
          ])
    )
  }
  return rows(points)
}

/** The 120 unit icosians: ±1 on an axis, (±½, ±½, ±½, ±½), and even permutations of (0, ±1, ±golden, ±1/golden)/2. */
const icosians = (): Float64Array => {
  const points: Array<ReadonlyArray<number>> = []
  for (let c = 0; c < 4; c++) {
    for (const sign of [1, -1]) points.push([0, 1, 2, 3].map((k) => (k === c ? sign : 0)))
  }
  const sign = (signs: number, bit: number): number => ((signs >> bit) & 1 ? -0.5 : 0.5)
  for (let signs = 0; signs < 16; signs++) points.push([0, 1, 2, 3].map((bit) => sign(signs, bit)))
  // The even permutations of four places, as images of 0 1 2 3.
  const even = [
    "0123",
    "0231",
    "0312",
    "1032",
    "1203",
    "1320",
    "2013",
    "2130",
    "2301",
    "3021",
    "3102",
    "3210"
  ]
  for (const places of even) {
    for (let signs = 0; signs < 8; signs++) {
      const point = [0, 0, 0, 0]
      point[Number(places[1])] = sign(signs, 0)
      point[Number(places[2])] = sign(signs, 1) * golden
      point[Number(places[3])] = sign(signs, 2) / golden
      points.push(point)
    }
  }
  return rows(points)
}

/** From E8's roots down to dimension d: the points nearest to the first one, seen from it. */
const neighbours = (dims: number): Float64Array => {
  let code = rootsE8()
  for (let d = 8; d > dims; d--) code = section(code, d, [code.slice(0, d)], 1 / (10 - d))
  return code
}

/** E8's roots at right angles to 8 − d of them that span a root lattice A: E7, E6, D5. */
const rootsBeside = (dims: number): Float64Array => {
  const roots = rootsE8()
  const chain: Array<Float64Array> = []
  // Each next root has −½ with the last one and 0 with those before: the simple roots of A.
  for (let at = 0; chain.length < 8 - dims; at += 8) {
    const root = roots.slice(at, at + 8)
    if (
      chain.every((earlier, e) => Math.abs(dot(root, earlier) + (e === chain.length - 1 ? 0.5 : 0)) < 1e-9)
    ) {
      chain.push(root)
      at = -8
    }
  }
  return section(roots, 8, chain, 0)
}

const dot = (x: Float64Array, y: Float64Array): number => x.reduce((sum, value, k) => sum + value * y[k], 0)

/** The points with a given inner product to each of some, less their part in the span of those, in coordinates of the rest. */
const section = (
  code: Float64Array,
  dims: number,
  fixed: ReadonlyArray<Float64Array>,
  product: number
): Float64Array => {
  // Gram and Schmidt: the fixed ones first, then the axes.
  const basis: Array<Float64Array> = []
  const axes = Array.from({ length: dims }, (_, c) =>
    Float64Array.from({ length: dims }, (_, k) => (k === c ? 1 : 0))
  )
  for (const vector of [...fixed, ...axes]) {
    const rest = vector.slice()
    for (let pass = 0; pass < 2; pass++) {
      for (const unit of basis) {
        const along = dot(rest, unit)
        for (let k = 0; k < dims; k++) rest[k] -= along * unit[k]
      }
    }
    if (dot(rest, rest) > 1e-6) basis.push(normaliseRows(rest, dims))
  }
  const points: Array<ReadonlyArray<number>> = []
  for (let at = 0; at < code.length; at += dims) {
    const point = code.subarray(at, at + dims)
    if (fixed.some((vector) => Math.abs(dot(point, vector) - product) > 1e-9)) continue
    points.push(basis.slice(fixed.length).map((unit) => dot(point, unit)))
  }
  return rows(points)
}
