/**
 * Upper bounds of sums Σ_l F_l P_l on sets of cosines, from above and without a grid's gaps; many sums on the same sets.
 *
 * On an interval of angles between two nodes w apart, a function of the angle is at most the larger of the two values plus
 * w²/8 times a bound of its second derivative, Σ_m m² |c_m| for a cosine series. Where a first division leaves doubt, a
 * finer one decides. For thresholds τ in cells [τ_i, τ_{i+1}] the bound is linear in τ on each cell: what all τ of the cell
 * allow counts as a constant, and on the cell's own cosines the chord stands for f, with w²/8 sup |f″| (in the cosine; P_l″
 * is P_l″(1) times a Gegenbauer polynomial of dimension d + 4) for what lies above it. So sums over pairs that gain and lose
 * as τ moves cancel, as in the dimension-free bound. Errors of computing are left to the caller.
 */
import { gegenbauerSeries } from "./cosineSeries.ts"

/** cos mθ at nodes: nodes × (degrees + 1). */
const cosines = (angles: ArrayLike<number>, degrees: number): Float64Array => {
  const table = new Float64Array(angles.length * (degrees + 1))
  for (let i = 0; i < angles.length; i++) {
    for (let m = 0; m <= degrees; m++) table[i * (degrees + 1) + m] = Math.cos(m * angles[i])
  }
  return table
}

const evaluate = (series: Float64Array, table: Float64Array, node: number): number => {
  let sum = 0
  for (let m = 0, o = node * series.length; m < series.length; m++, o++) sum += series[m] * table[o]
  return sum
}

/** The highest value of cosine series on [from, to]. */
export class AngleInterval {
  private readonly cells = 64
  private readonly parts = 64
  private readonly width: number
  private readonly coarse: Float64Array
  private readonly fine: Float64Array
  private readonly values = new Float64Array(this.cells + 1)

  constructor(from: number, to: number, degrees: number) {
    const at = (i: number, of: number): number => from + ((to - from) * i) / of
    const angles = (count: number): ReadonlyArray<number> =>
      Array.from({ length: count + 1 }, (_, i) => at(i, count))
    this.width = ((to - from) / this.cells) * (1 + 1e-9)
    this.coarse = cosines(angles(this.cells), degrees)
    this.fine = cosines(angles(this.cells * this.parts), degrees)
  }

  highest(series: Float64Array): number {
    let bend = 0
    for (let m = 1; m < series.length; m++) bend += m * m * Math.abs(series[m])
    const { cells, parts, values } = this
    let best = Number.NEGATIVE_INFINITY
    for (let i = 0; i <= cells; i++) {
      values[i] = evaluate(series, this.coarse, i)
      if (values[i] > best) best = values[i]
    }
    const above = (bend * this.width * this.width) / 8
    const rest = above / (parts * parts)
    let result = best
    for (let i = 0; i < cells; i++) {
      if (Math.max(values[i], values[i + 1]) + above <= result) continue
      for (let node = i * parts; node <= (i + 1) * parts; node++) {
        result = Math.max(result, evaluate(series, this.fine, node) + rest)
      }
    }
    return result
  }
}

/** Bounds over the cosines that τ allows, τ in cells of [from, to]. */
export class ThresholdCells {
  readonly cells: number
  private readonly degrees: number
  private readonly sides: readonly [Side, Side]
  private readonly values: Float64Array
  /** Sums over pairs at the lower and the upper end of each cell. */
  readonly low: Float64Array
  readonly high: Float64Array

  constructor(margin: number, from: number, to: number, dims: number, degrees: number, cells = 512) {
    this.cells = cells
    this.degrees = degrees
    const taus = Float64Array.from({ length: cells + 1 }, (_, i) => from + ((to - from) * i) / cells)
    const width = ((to - from) / cells) * (1 + 1e-9)
    this.sides = [
      new Side(
        taus.map((tau) => tau + margin),
        width,
        dims,
        degrees,
        true
      ),
      new Side(
        taus.map((tau) => tau - margin),
        width,
        dims,
        degrees,
        false
      )
    ]
    this.values = new Float64Array(cells + 1)
    this.low = new Float64Array(cells)
    this.high = new Float64Array(cells)
  }

  clear(): void {
    this.low.fill(0)
    this.high.fill(0)
  }

  /** Adds the bound of one pair: its coefficients F_1 … F_L and its cosine series. */
  add(relevant: boolean, coefficients: Float64Array, series: Float64Array): void {
    const side = this.sides[relevant ? 0 : 1]
    const { cells, values } = this
    for (let i = 0; i <= cells; i++) values[i] = evaluate(series, side.table, i)
    // From the cell that the fewest τ rule to the others: what lies behind is allowed by all τ of the cell.
    let behind = side.rest === undefined ? values[relevant ? cells : 0] : side.rest.highest(series)
    for (let step = 0; step < cells; step++) {
      const i = relevant ? cells - 1 - step : step
      let above = 0
      for (let l = 0, o = i * this.degrees; l < this.degrees; l++, o++) {
        above += Math.abs(coefficients[l]) * side.bends[o]
      }
      const narrow = Math.max(behind, values[relevant ? i + 1 : i])
      const wide = Math.max(narrow, values[relevant ? i : i + 1])
      this.low[i] += (relevant ? wide : narrow) + above
      this.high[i] += (relevant ? narrow : wide) + above
      behind = Math.max(behind, wide + above)
    }
  }

  /** The highest sum that some τ can have. */
  highest(): number {
    let best = Number.NEGATIVE_INFINITY
    for (let i = 0; i < this.cells; i++) best = Math.max(best, this.low[i], this.high[i])
    return best
  }
}

class Side {
  readonly table: Float64Array
  /** w²/8 sup |P_l″| on each cell: cells × degrees. */
  readonly bends: Float64Array
  /** The cosines that every τ allows. */
  readonly rest: AngleInterval | undefined

  constructor(at: Float64Array, width: number, dims: number, degrees: number, relevant: boolean) {
    const angles = at.map((x) => Math.acos(Math.min(1, Math.max(-1, x))))
    const cells = at.length - 1
    this.table = cosines(angles, degrees)
    const inner = relevant ? angles[cells] : angles[0]
    this.rest = relevant
      ? inner > 0
        ? new AngleInterval(0, inner + 1e-12, degrees)
        : undefined
      : inner < Math.PI
        ? new AngleInterval(inner - 1e-12, Math.PI + 1e-15, degrees)
        : undefined
    this.bends = new Float64Array(cells * degrees)
    const second = gegenbauerSeries(dims + 4, Math.max(0, degrees - 2))
    const length = Math.max(0, degrees - 2) + 1
    const cosine = cosines(angles, length - 1)
    for (let l = 2; l <= degrees; l++) {
      const series = second.subarray((l - 2) * length, (l - 1) * length)
      const atOne = (((l * (l + dims - 2)) / (dims - 1)) * (l - 1) * (l + dims - 1)) / (dims + 1)
      for (let i = 0; i < cells; i++) {
        const nodes = Math.max(
          Math.abs(evaluate(series, cosine, i)),
          Math.abs(evaluate(series, cosine, i + 1))
        )
        const most = Math.min(1, nodes + ((l - 2) * Math.abs(angles[i + 1] - angles[i])) / 2 + 1e-9)
        this.bends[i * degrees + l - 1] = ((atOne * most * width * width) / 8) * (1 + 1e-9)
      }
    }
  }
}
