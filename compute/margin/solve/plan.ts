/**
 * What a round of the search anneals. Each round costs twice the round before, so that whenever the time is over, half of
 * it went into the longest annealings; the steps of one annealing and their number grow in turn. A round's kinds of
 * start ("arms") are tried evenly at first; later half of them go to the arms whose annealings ended best.
 *
 * Why so many arms: measured on complete:n,k, a first sharpness of 4 and independent queries reach the best margins at
 * large d (24,3 in d = 8: .0050 against .0013 from 15), and collapse onto the orthogonal solution at small d (20,2 in
 * d = 5: −.0004 from 4, .0008 from 8).
 */
import type { RandomStart } from "./makeStart.ts"

export interface Arm {
  readonly start: RandomStart | "best moved"
  readonly sharpness: number
  /** First angle of a step, radians. */
  readonly rate: number
  /** Length of the random step off the best pair. */
  readonly sigma?: number
}

/** In the order they are tried. */
export const arms: ReadonlyArray<Arm> = [
  { start: "asymmetric", sharpness: 4, rate: 0.02 },
  { start: "random", sharpness: 8, rate: 0.02 },
  { start: "asymmetric", sharpness: 15, rate: 0.03 },
  { start: "projected", sharpness: 30, rate: 0.02 },
  { start: "asymmetric", sharpness: 8, rate: 0.02 },
  { start: "random", sharpness: 4, rate: 0.035 },
  { start: "random", sharpness: 20, rate: 0.02 },
  { start: "spectral", sharpness: 30, rate: 0.02 },
  { start: "rip", sharpness: 8, rate: 0.03 },
  { start: "asymmetric", sharpness: 4, rate: 0.035 },
  { start: "random", sharpness: 15, rate: 0.02 }
]

/** How the best pair is left and found again; only once there is one. */
export const moves: ReadonlyArray<Arm> = [
  { start: "best moved", sharpness: 100, rate: 0.01, sigma: 0.1 },
  { start: "best moved", sharpness: 30, rate: 0.015, sigma: 0.3 },
  { start: "best moved", sharpness: 300, rate: 0.005, sigma: 0.03 }
]

export interface Annealing {
  readonly arm: Arm
  readonly iterations: number
}

/** Multiply-adds that the first round's passes may cost, and the most steps it takes. */
const FIRST = 2e10
const MOST_STEPS = 2400

/**
 * The annealings of a round, longest first.
 *
 * @param size rows × columns × dims
 * @param round from 0
 * @param ranked the arms by the best margin that each reached, best first; empty before any was tried
 * @param share of the round that there is time for, at most 1
 * @param least annealings, where there is time for less than one each: a thread should not idle
 */
export const roundOf = (
  size: number,
  round: number,
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
    arm: armOf(round, at, ranked),
    iterations: fitted ?? (at < longs ? long : short)
  }))
}

/** Steps of all annealings of a round together. */
export const stepsOf = (size: number, round: number): number =>
  Math.max(60, Math.min(MOST_STEPS * Math.max(1, base(size) / 300), FIRST / size)) * 2 ** round

/** Longer annealings gained nothing more. */
const LONGEST = 30_000

/** Steps of a short annealing in the first round: large problems need more. */
const base = (size: number): number => (size < 2e3 ? 300 : size < 5e4 ? 700 : 1500)

/** A third of a later round leaves from the best pair, a third takes the two best arms, the rest all of them in turn. */
const armOf = (round: number, at: number, ranked: ReadonlyArray<Arm>): Arm => {
  if (ranked.length === 0) return arms[at % arms.length]
  const turn = Math.floor(at / 3)
  if (at % 3 === 0) return ranked[turn % Math.min(2, ranked.length)]
  if (at % 3 === 1) return arms[(turn + 3 * round) % arms.length]
  return moves[(turn + round) % moves.length]
}
