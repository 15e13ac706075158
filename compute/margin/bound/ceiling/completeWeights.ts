/**
 * Dual weights for complete:n,k at one margin and one range of thresholds: the program on points, and rounds in which the
 * highest points of what must stay low everywhere are added to it. The result's total is that of the highest values found
 * anywhere; what is below 0 is worth a proof.
 */
import { highest } from "./highest.ts"
import { completeProgram, layoutOf, scoreAngles, vectorAngles } from "./completeProgram.ts"
import type { CompleteSetting, SharePoint } from "./completeProgram.ts"
import type { CompleteCertificate } from "./CeilingCertificate.ts"
import { solveCone } from "./lp/interiorPoint.ts"
import { completeFunctions } from "./verifyComplete.ts"

export interface CompleteWeights {
  readonly blocks: Float64Array
  readonly weights: Float64Array
  readonly splits: Float64Array
  /** c_t and c: the highest values found. */
  readonly constants: Float64Array
  /** C + Σ c_t + c. */
  readonly total: number
  /** The program's own least value: what no weights on its points can be below. */
  readonly least: number
}

/** Points that were found to matter; one object serves all programs of a search and grows. */
export interface PointStore {
  points: Array<SharePoint>
}

export const makePointStore = (): PointStore => ({ points: [] })

export interface WeightOptions {
  /** Rounds of adding points; default 4. */
  readonly rounds?: number
  /** Ends when total and least differ by less, or by a twentieth of the total; default 1e-6. */
  readonly tolerance?: number
  /** Ends as soon as the total is below this. */
  readonly enough?: number
  /** Ends as soon as it is certain that the total stays above this. */
  readonly hopeless?: number
  readonly shouldStop?: () => boolean
}

export const completeWeights = (
  setting: CompleteSetting,
  margin: number,
  range: readonly [number, number],
  store: PointStore,
  options: WeightOptions = {}
): CompleteWeights | undefined => {
  let best: CompleteWeights | undefined
  for (let round = 0; round < (options.rounds ?? 4); round++) {
    const program = completeProgram(setting, margin, range, store.points)
    const { residual, value, z } = solveCone(program, {
      tolerance: 3e-7,
      ...(options.shouldStop === undefined ? {} : { shouldStop: options.shouldStop })
    })
    if (!(residual < 1e-3)) return best
    const decoded = decode(setting, z)
    const rated = rate(setting, margin, range, decoded)
    const weights = { ...decoded, constants: rated.constants, total: rated.total, least: value }
    if (best === undefined || weights.total < best.total) best = weights
    best = { ...best, least: Math.max(best.least, value) }
    if (weights.total < (options.enough ?? Number.NEGATIVE_INFINITY)) return best
    if (value > (options.hopeless ?? Number.POSITIVE_INFINITY)) return best
    // Far from 0 only the sign counts, and about how far.
    const close = Math.max(options.tolerance ?? 1e-6, 0.05 * Math.abs(best.total))
    if (best.total - best.least < close || options.shouldStop?.()) return best
    const before = store.points.length
    for (const point of rated.high) {
      if (store.points.some((other) => near(point, other))) continue
      store.points.push(point)
    }
    if (store.points.length === before) return best
  }
  return best
}

const near = (a: SharePoint, b: SharePoint): boolean =>
  a.kind === b.kind && Math.abs(a.theta - b.theta) < 1e-6 && Math.abs(a.phi - b.phi) < 1e-6

/** z as a certificate's arrays: blocks by their triangular factors. */
const decode = (
  setting: CompleteSetting,
  z: Float64Array
): Pick<CompleteWeights, "blocks" | "weights" | "splits"> => {
  const { coupled, degrees, system } = setting
  const { lines, splits: splitsAt, weights: weightsAt, width } = layoutOf(setting)
  const blocks = new Float64Array(degrees * width)
  for (let at = 0; at < blocks.length; at += width) {
    for (let j = 0; j < 6; j += 3) {
      const a = Math.sqrt(Math.max(z[at + j], 0))
      const last = Math.max(z[at + j + 2], 0)
      const b = a > 1e-15 ? Math.max(-1, Math.min(1, z[at + j + 1] / (a * Math.sqrt(last + 1e-300)))) : 0
      blocks[at + j] = a
      blocks[at + j + 1] = b * Math.sqrt(last)
      blocks[at + j + 2] = Math.sqrt(last * (1 - b * b))
    }
    for (let j = 6; j < 6 + lines; j++) blocks[at + j] = Math.max(z[at + j], 0)
  }
  const weights = new Float64Array(system.commons)
  const splits = new Float64Array((system.commons - 1) * (degrees + 1))
  if (coupled) {
    for (let t = 0; t < system.commons; t++) weights[t] = Math.max(z[weightsAt + t], 0)
    for (let t = 1; t < system.commons; t++) {
      const from = splitsAt + (t - 1) * degrees
      splits.set(z.subarray(from, from + degrees), (t - 1) * (degrees + 1) + 1)
    }
  }
  return { blocks, weights, splits }
}

/** The certificate of one range, without constants. */
export const asCertificate = (
  setting: CompleteSetting,
  threshold: CompleteCertificate["threshold"],
  margin: number,
  ranges: Float64Array,
  parts: ReadonlyArray<Pick<CompleteWeights, "blocks" | "weights" | "splits" | "constants">>
): CompleteCertificate => {
  const join = (arrays: ReadonlyArray<Float64Array>): Float64Array =>
    Float64Array.from(arrays.flatMap((array) => [...array]))
  return {
    type: "complete",
    n: setting.system.n,
    k: setting.system.k,
    dim: setting.dims,
    threshold,
    margin,
    degrees: setting.degrees,
    splitDegree: setting.degrees,
    ranges,
    blocks: join(parts.map((part) => part.blocks)),
    weights: join(parts.map((part) => part.weights)),
    splits: join(parts.map((part) => part.splits)),
    constants: join(parts.map((part) => part.constants))
  }
}

/** The highest values, and where they are above what the others allow. */
const rate = (
  setting: CompleteSetting,
  margin: number,
  range: readonly [number, number],
  decoded: Pick<CompleteWeights, "blocks" | "weights" | "splits">
): {
  readonly constants: Float64Array
  readonly total: number
  readonly high: ReadonlyArray<SharePoint>
} => {
  const { commons } = setting.system
  const certificate = asCertificate(setting, "zero", margin, Float64Array.from(range), [
    { ...decoded, constants: new Float64Array(commons + 1) }
  ])
  const functions = completeFunctions(certificate, setting.system, 0)!
  const constants = new Float64Array(commons + 1)
  const high: Array<SharePoint> = []
  let total = functions.constant
  for (let kind = 0; kind <= commons; kind++) {
    const scores = kind === commons
    const found = scores
      ? highest({ f: functions.relevant, g: functions.other, product: 0 }, (theta, phi) =>
          scoreAngles(margin, range[0], range[1], theta, phi)
        )
      : highest(
          { f: functions.queries[kind], g: functions.documents[kind], product: decoded.weights[kind] },
          (theta, phi) => vectorAngles(margin, theta, phi)
        )
    const top = found[0].value
    constants[kind] = top
    total += top
    // Local maxima close to the top: those that a program without them would push up next.
    const room = 0.02 * Math.max(1e-3, top - found[found.length - 1].value)
    for (const { phi, theta, value } of found)
      if (value > top - room) high.push({ kind: scores ? -1 : kind, theta, phi })
  }
  return { constants, total, high }
}
