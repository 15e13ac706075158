/**
 * What a round of the search anneals. Each round costs twice the round before, so that whenever the time is over, half of
 * it went into the longest annealings; the steps of one annealing and their number grow in turn. A round's kinds of
 * start ("arms") are tried evenly at first; later half of them go to the arms whose annealings ended best.
 *
 * Why so many arms: measured on complete:n,k, a first sharpness of 4 reaches the best global margins (40,2 in d = 5:
 * .0019 from 4, −.0004 from 15; 24,3 in d = 8: .005 from 4 with independent queries), and collapses onto the orthogonal
 * solution under the zero threshold (20,2 in d = 5: −.0004 from 4, .0008 from 8).
 */
import type { Threshold } from "../kernels/MarginKernel.ts"
import type { RandomStart } from "./makeStart.ts"

export interface Arm {
  readonly start: RandomStart | "symmetric" | "best moved"
  readonly sharpness: number
  /** First angle of a step, radians. */
  readonly rate: number
  /** Length of the random step off the best pair. */
  readonly sigma?: number
}

const queries = (start: "asymmetric" | "random", sharpness: number, rate: number): Arm => ({
  start,
  sharpness,
  rate
})

const low = [
  queries("random", 4, 0.1),
  queries("asymmetric", 4, 0.1),
  queries("random", 4, 0.05),
  queries("asymmetric", 4, 0.2)
]
const middle = [
  queries("random", 8, 0.1),
  queries("asymmetric", 8, 0.1),
  queries("random", 8, 0.2),
  queries("asymmetric", 8, 0.05)
]
const other: ReadonlyArray<Arm> = [
  { start: "projected", sharpness: 30, rate: 0.05 },
  queries("asymmetric", 15, 0.1),
  { start: "spectral", sharpness: 30, rate: 0.05 },
  queries("random", 20, 0.1),
  { start: "rip", sharpness: 8, rate: 0.1 }
]

const symmetric = [
  { start: "symmetric", sharpness: 4, rate: 0.1 },
  { start: "symmetric", sharpness: 8, rate: 0.1 },
  { start: "symmetric", sharpness: 4, rate: 0.2 },
  { start: "symmetric", sharpness: 15, rate: 0.2 }
] as const satisfies ReadonlyArray<Arm>

/**
 * In the order they are tried.
 *
 * @param complete whether A is a complete graph: then every second of the first arms is symmetric (24,3 in
 * d = 8, global: .0086 in the time in which annealings without symmetry reach .0015)
 */
export const armsOf = (threshold: Threshold, complete: boolean): ReadonlyArray<Arm> => {
  const plain = threshold === "zero" ? alternating(middle, low, other) : alternating(low, middle, other)
  if (!complete) return plain
  const turns = threshold === "zero" ? [symmetric[1], symmetric[0], ...symmetric.slice(2)] : symmetric
  return plain.flatMap((arm, at) => (at < turns.length ? [turns[at], arm] : [arm]))
}

/** Two of the first list, one of the second, one of the third, and so on. */
const alternating = (
  first: ReadonlyArray<Arm>,
  second: ReadonlyArray<Arm>,
  third: ReadonlyArray<Arm>
): ReadonlyArray<Arm> => [
  ...first.slice(0, 2),
  second[0],
  third[0],
  second[1],
  ...first.slice(2),
  ...third.slice(1),
  ...second.slice(2)
]

/** How the best pair is left and found again; only once there is one. */
export const moves: ReadonlyArray<Arm> = [
  { start: "best moved", sharpness: 100, rate: 0.02, sigma: 0.1 },
  { start: "best moved", sharpness: 30, rate: 0.05, sigma: 0.3 },
  { start: "best moved", sharpness: 300, rate: 0.01, sigma: 0.03 }
]

export interface Annealing {
  readonly arm: Arm
  readonly iterations: number
}

/** Multiply-adds that the first round's passes may cost, and the short annealings that it has room for at most. */
const FIRST = 1e10
const MOST = 8

/**
 * The annealings of a round, longest first.
 *
 * @param size rows × columns × dims
 * @param round from 0
 * @param tried `armsOf`
 * @param ranked the arms by the best margin that each reached, best first; empty before any was tried
 * @param share of the round that there is time for, at most 1
 * @param least annealings, where there is time for less than one each: a thread should not idle
 */
export const roundOf = (
  size: number,
  round: number,
  tried: ReadonlyArray<Arm>,
  ranked: ReadonlyArray<Arm>,
  share = 1,
  least = 1
): ReadonlyArray<Annealing> => {
  const steps = share * stepsOf(size, round)
  const short = Math.max(60, Math.min(base(size) * 2 ** Math.ceil(round / 2), LONGEST))
  const long = Math.min(4 * short, LONGEST)
  const longs = Math.floor(steps / 2 / long)
  const shorts = Math.floor((steps - longs * long) / short)
  const count = Math.max(least, longs + shorts)
  const fitted = longs + shorts < least ? Math.max(60, Math.floor(steps / least)) : undefined
  return Array.from({ length: count }, (_, at) => ({
    arm: armOf(tried, round, at, ranked),
    iterations: fitted ?? (at < longs ? long : short)
  }))
}

/** Steps of all annealings of a round together. */
export const stepsOf = (size: number, round: number): number =>
  Math.max(60, Math.min(MOST * base(size), FIRST / size)) * 2 ** round

/** Longer annealings gained nothing more. */
const LONGEST = 30_000

/** Steps of a short annealing in the first round: large problems need more (24,3 in d = 8: 1,000 reach .001, 4,000 .005). */
const base = (size: number): number => Math.round(300 * Math.max(1, size / 2000) ** 0.55)

/** A third of a later round leaves from the best pair, a third takes the two best arms, the rest all of them in turn. */
const armOf = (arms: ReadonlyArray<Arm>, round: number, at: number, ranked: ReadonlyArray<Arm>): Arm => {
  if (ranked.length === 0) return arms[at % arms.length]
  const turn = Math.floor(at / 3)
  if (at % 3 === 0) return ranked[turn % Math.min(2, ranked.length)]
  if (at % 3 === 1) return arms[(turn + 3 * round) % arms.length]
  return moves[(turn + round) % moves.length]
}
