/**
 * Where f(θ) + g(φ) + 4 w sin(θ/2) sin(φ/2) is highest on a region: local maxima on a grid of angles, each moved on by a
 * search with halving steps. Finds the points to add to a program; it proves nothing. Cost O(grid² + maxima · 100 · L).
 */
import { evaluateSeries } from "./cosineSeries.ts"
import type { PairFunction } from "./pairBound.ts"

export interface Highest {
  /** Shares in [0, 1] that `angles` turns into θ and φ. */
  readonly theta: number
  readonly phi: number
  readonly value: number
}

/** Local maxima, highest first. */
export const highest = (
  { f, g, product }: PairFunction,
  angles: (theta: number, phi: number) => readonly [number, number],
  /** Steps of the grid a side. */
  grid = 96,
  most = 24
): ReadonlyArray<Highest> => {
  const at = new Float64Array(3)
  const fAt = (theta: number): number => {
    evaluateSeries(f, theta, at)
    return at[0]
  }
  const gAt = (phi: number): number => {
    evaluateSeries(g, phi, at)
    return at[0]
  }
  // g on a fine line, interpolated: only to find where to start.
  const fine = 4096
  const line = Float64Array.from({ length: fine + 2 }, (_, i) => gAt((i * Math.PI) / fine))
  const gNear = (phi: number): number => {
    const place = Math.min(fine, (phi * fine) / Math.PI)
    const low = Math.floor(place)
    return line[low] + (place - low) * (line[low + 1] - line[low])
  }
  const size = grid + 1
  const values = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    const [theta] = angles(i / grid, 0)
    const base = fAt(theta)
    const sine = 4 * product * Math.sin(theta / 2)
    for (let j = 0; j < size; j++) {
      const [, phi] = angles(i / grid, j / grid)
      values[i * size + j] = base + gNear(phi) + sine * Math.sin(phi / 2)
    }
  }
  const starts: Array<Highest> = []
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const value = values[i * size + j]
      let top = true
      for (let di = -1; di <= 1 && top; di++) {
        for (let dj = -1; dj <= 1 && top; dj++) {
          const ii = i + di
          const jj = j + dj
          if (ii >= 0 && jj >= 0 && ii < size && jj < size && values[ii * size + jj] > value) top = false
        }
      }
      if (top) starts.push({ theta: i / grid, phi: j / grid, value })
    }
  }
  starts.sort((x, y) => y.value - x.value)
  const full = (shareTheta: number, sharePhi: number): number => {
    const [theta, phi] = angles(shareTheta, sharePhi)
    return fAt(theta) + gAt(phi) + 4 * product * Math.sin(theta / 2) * Math.sin(phi / 2)
  }
  return starts
    .slice(0, most)
    .map((start) => climb(full, start, 1 / grid))
    .sort((x, y) => y.value - x.value)
}

const steps: ReadonlyArray<readonly [number, number]> = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [-1, -1],
  [1, -1],
  [-1, 1]
]

const climb = (value: (theta: number, phi: number) => number, start: Highest, first: number): Highest => {
  const clamp = (share: number): number => Math.min(1, Math.max(0, share))
  let best: Highest = { ...start, value: value(start.theta, start.phi) }
  for (let step = first / 2; step > 1e-6;) {
    let moved = false
    for (const [a, b] of steps) {
      const theta = clamp(best.theta + a * step)
      const phi = clamp(best.phi + b * step)
      const next = value(theta, phi)
      if (next > best.value) {
        best = { theta, phi, value: next }
        moved = true
        break
      }
    }
    if (!moved) step /= 2
  }
  return best
}
