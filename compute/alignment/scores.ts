/**
 * Scores of a pair of prepared views: every metric, its chance level, and its permutation null.
 *
 * The null permutes the rows of the second view. Nothing is recomputed from the vectors: neighbour lists are renamed, HSIC
 * is a permuted inner product, the CCA basis is re-ordered. Chance is the exact expectation of that null where there is a
 * closed form: k / (n − 1) for mutual kNN, the in-degree formula for cycle kNN, tr K̄ tr L̄ / (n − 1) for biased HSIC, 0
 * for unbiased HSIC; for the other metrics it is the mean of the permutations.
 *
 * Tied neighbours are shared out (mutual kNN) or broken by a random order, drawn for each of the two views and for the value
 * and each permutation apart (`draw` names it). Rows that repeat one item are permuted together (repeats.ts), and chance is
 * then the mean of the permutations for every metric
 *
 * So a score depends on the order of the rows only through the pairing, the
 * permuted scores are distributed as the value is where the views are unrelated, and P(p ≤ α) ≤ α. (The published codes
 * give ties to the lower row of both views. Their conventions keep that, and have no null where ties are many.)
 */
import type { Null } from "../../schemas/Metric.ts"
import { cka, ckaByChance, unbiasedCka } from "./cka.ts"
import { cknna } from "./cknna.ts"
import type { Convention } from "./conventions.ts"
import { crossTerms } from "./hsic.ts"
import type { CrossTerms, HsicTerms } from "./hsic.ts"
import { atLeastAsGood, describe } from "./metrics.ts"
import type { MetricSpec } from "./metrics.ts"
import { sizeKind } from "./metrics.ts"
import { permuteNeighbours } from "./neighbours.ts"
import type { Neighbours } from "./neighbours.ts"
import { countedOverlap, cycleKnn, cycleKnnByChance, mutualKnn } from "./overlap.ts"
import { makeRandom } from "../random/RandomStream.ts"
import { editDistanceKnn, lcsKnn } from "./sequences.ts"
import { canonicalCorrelations, ccaProduct } from "./svcca.ts"
import { itemsOf } from "./repeats.ts"
import type { Items } from "./repeats.ts"
import { breakTies, disorderedShare, NOTED_SHARE, tiedShare } from "./ties.ts"
import type { PreparedView } from "./views.ts"

/**
 * The value of each metric; NaN where it has none. With `order`, row i of `b` is taken to be its row `order[i]`. Another
 * `draw` breaks ties in another random order.
 */
export const scorePair = (
  a: PreparedView,
  b: PreparedView,
  specs: ReadonlyArray<MetricSpec>,
  convention: Convention,
  order?: Uint32Array,
  draw: string = "value"
): Float64Array => {
  const terms = new PairTerms(a, b, specs, convention, order, draw)
  return Float64Array.from(specs, (spec) => value(terms, spec, convention))
}

const value = (terms: PairTerms, { name, size }: MetricSpec, convention: Convention): number => {
  const k = size ?? 0
  if (sizeKind[name] === "k" && terms.flat) return Number.NaN
  switch (name) {
    case "mutual_knn":
      return terms.mutualKnn(k)
    case "cycle_knn":
      return cycleKnn(terms.neighboursA, terms.neighboursB, k)
    case "lcs_knn":
      return lcsKnn(terms.neighboursA, terms.neighboursB, k)
    case "edit_distance_knn": {
      const distance = editDistanceKnn(terms.neighboursA, terms.neighboursB, k)
      return convention === "prh" ? 1 - distance / k : distance
    }
    case "cka":
      return cka(terms.hsicA, terms.hsicB, terms.cross, convention)
    case "unbiased_cka":
      return unbiasedCka(terms.hsicA, terms.hsicB, terms.cross, convention)
    case "cknna":
    case "cknna_biased":
      return terms.cknna(k, name === "cknna_biased")
    case "svcca":
      return terms.svcca(k)
  }
}

/** Shares of tied rows in either view. */
export interface TiedShares {
  readonly a: number
  readonly b: number
}

/** For metrics of neighbours: the share of each view's rows whose k-th neighbour is tied with one left out. */
export const tiesOfPair = (
  a: PreparedView,
  b: PreparedView,
  { name, size }: MetricSpec
): TiedShares | null =>
  sizeKind[name] === "k" && a.neighbours !== undefined && b.neighbours !== undefined
    ? { a: tiedShare(a.neighbours, size ?? 0), b: tiedShare(b.neighbours, size ?? 0) }
    : null

/** Whether a published code's rule, ties to the lower row of both views, leaves a metric without a null and a chance level. */
const favoured = (
  a: PreparedView,
  b: PreparedView,
  { name, size }: MetricSpec,
  convention: Convention
): boolean => {
  if (convention === "exact" || sizeKind[name] !== "k") return false
  const ordered = name === "lcs_knn" || name === "edit_distance_knn"
  const share = (view: PreparedView): number =>
    view.neighbours === undefined ? 0 : (ordered ? disorderedShare : tiedShare)(view.neighbours, size ?? 0)
  return Math.max(share(a), share(b)) > NOTED_SHARE
}

/** The metrics of a pair that ties favour under a published code's rule: what `nullsOf` leaves without a null. */
export const favouredOfPair = (
  a: PreparedView,
  b: PreparedView,
  specs: ReadonlyArray<MetricSpec>,
  convention: Convention
): ReadonlyArray<MetricSpec> => specs.filter((spec) => favoured(a, b, spec, convention))

/** Repeated items of a pair, whose rows the null moves together; undefined for most pairs. */
export const itemsOfPair = (a: PreparedView, b: PreparedView): Items | undefined =>
  itemsOf(a.firstEqual, b.firstEqual)

/** The chance level of each metric that a formula gives, null where there is none. */
export const chanceOfPair = (
  a: PreparedView,
  b: PreparedView,
  specs: ReadonlyArray<MetricSpec>,
  convention: Convention
): ReadonlyArray<number | null> =>
  specs.map((spec) => {
    const { name, size } = spec
    // The formulas are of rows permuted one by one.
    if (itemsOfPair(a, b) !== undefined) return null
    if (favoured(a, b, spec, convention)) return null
    if (sizeKind[name] === "k" && flatOfPair(a, b, convention).length > 0) return null
    switch (name) {
      case "mutual_knn":
        return (size ?? 0) / (a.n - 1)
      case "cycle_knn":
        return a.neighbours === undefined ? null : cycleKnnByChance(a.neighbours, size ?? 0)
      case "cka":
        return a.hsic === undefined || b.hsic === undefined
          ? null
          : finiteOrNull(ckaByChance(a.hsic, b.hsic, convention))
      case "unbiased_cka":
        return 0
      default:
        return null
    }
  })

/** Permuted scores may differ in the last bits from a value that they equal; then they count as equal. */
const ROUNDING = 1e-10

/** The fewest permutations with which p can be .05: 1 / (1 + 19). */
export const FEWEST_PERMUTATIONS = 19

/**
 * The permutation null of each metric beside its `values`, from the scores of permuted pairs (`scorePair` with an order
 * and a draw of its own for each permutation); null where a metric has no value, and for metrics in `without`. p counts permutations that equal the value as at least as good; fewer permutations than `FEWEST_PERMUTATIONS`
 * have no p.
 */
export const nullsOf = (
  specs: ReadonlyArray<MetricSpec>,
  convention: Convention,
  values: ArrayLike<number>,
  permuted: ReadonlyArray<Float64Array>,
  without: ReadonlyArray<MetricSpec> = []
): ReadonlyArray<Null | null> =>
  specs.map((spec, m) => {
    const { direction } = describe(spec, convention)
    const sample = permuted.map((scores) => scores[m])
    if (sample.length === 0 || !Number.isFinite(values[m]) || !sample.every(Number.isFinite)) return null
    if (without.includes(spec)) return null
    const { mean, sd } = meanAndDeviation(sample)
    const slack = ROUNDING * Math.max(1, Math.abs(values[m])) * (direction === "higher" ? 1 : -1)
    const asGood = sample.filter((score) => atLeastAsGood(score + slack, values[m], direction)).length
    const p = sample.length < FEWEST_PERMUTATIONS ? null : (1 + asGood) / (1 + sample.length)
    return { mean, sd, p, permutations: sample.length }
  })

/** Mean and standard deviation (ddof 1; 0 for a single value). */
export const meanAndDeviation = (
  sample: ReadonlyArray<number>
): { readonly mean: number; readonly sd: number } => {
  const mean = sample.reduce((sum, x) => sum + x, 0) / sample.length
  const square = sample.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return { mean, sd: sample.length > 1 ? Math.sqrt(square / (sample.length - 1)) : 0 }
}

export const finiteOrNull = (x: number): number | null => (Number.isFinite(x) ? x : null)

/** The views whose similarities are all equal, so that they have no neighbours. The published codes do not look. */
export const flatOfPair = (
  a: PreparedView,
  b: PreparedView,
  convention: Convention
): ReadonlyArray<"a" | "b"> =>
  convention !== "exact"
    ? []
    : (["a", "b"] as const).filter((side) => (side === "a" ? a : b).neighbours?.ties?.flat === true)

/** What several metrics of one pair share, computed when first asked for. */
class PairTerms {
  readonly flat: boolean
  private readonly a: PreparedView
  private readonly b: PreparedView
  private readonly convention: Convention
  private readonly order: Uint32Array | undefined
  private readonly draw: string
  private readonly largestQ: number
  private brokenA: Neighbours | undefined
  private brokenB: Neighbours | undefined
  private crossed: CrossTerms | undefined
  private product: { readonly size: number; readonly matrix: Float64Array } | undefined

  constructor(
    a: PreparedView,
    b: PreparedView,
    specs: ReadonlyArray<MetricSpec>,
    convention: Convention,
    order: Uint32Array | undefined,
    draw: string
  ) {
    this.a = a
    this.b = b
    this.convention = convention
    this.order = order
    this.draw = draw
    this.flat = flatOfPair(a, b, convention).length > 0
    const usable = Math.min(a.basis?.size ?? 0, b.basis?.size ?? 0)
    const asked = specs.filter((spec) => spec.name === "svcca").map((spec) => spec.size ?? 0)
    this.largestQ = Math.max(0, ...asked.filter((q) => q <= usable))
  }

  /** Lists of A, ties broken for this draw. */
  get neighboursA(): Neighbours {
    this.brokenA ??= this.broken(present(this.a.neighbours), "a")
    return this.brokenA
  }

  /** Lists of B, ties broken for this draw and apart from A's, renamed for the order. */
  get neighboursB(): Neighbours {
    this.brokenB ??= this.renamed(this.broken(present(this.b.neighbours), "b"))
    return this.brokenB
  }

  mutualKnn(k: number): number {
    const a = present(this.a.neighbours)
    const b = present(this.b.neighbours)
    return this.convention === "exact" && (a.ties !== undefined || b.ties !== undefined)
      ? mutualKnn(a, b, k, this.order)
      : countedOverlap(this.neighboursA, this.neighboursB, k)
  }

  cknna(k: number, biased: boolean): number {
    const { convention } = this
    const { masked: maskedA, neighbours: a } = this.a
    const { masked: maskedB, neighbours: b } = this.b
    if (maskedA !== undefined && maskedB !== undefined) {
      return cknna(maskedA, this.renamed(maskedB), k, {
        biased,
        convention,
        selfA: maskedA,
        selfB: maskedB
      })
    }
    return cknna(this.neighboursA, this.neighboursB, k, {
      biased,
      convention,
      selfA: selfLists(present(a), convention),
      selfB: selfLists(present(b), convention)
    })
  }

  get hsicA(): HsicTerms {
    return present(this.a.hsic)
  }

  get hsicB(): HsicTerms {
    return present(this.b.hsic)
  }

  get cross(): CrossTerms {
    this.crossed ??= crossTerms(this.hsicA, this.hsicB, this.order)
    return this.crossed
  }

  svcca(q: number): number {
    const a = present(this.a.basis)
    const b = present(this.b.basis)
    if (q < 1 || q > a.size || q > b.size) return Number.NaN
    this.product ??= { size: this.largestQ, matrix: ccaProduct(a, b, this.largestQ, this.order) }
    const correlations = canonicalCorrelations(this.product.matrix, this.product.size, q)
    return correlations.reduce((sum, x) => sum + x, 0) / q
  }

  private broken(lists: Neighbours, side: string): Neighbours {
    if (this.convention !== "exact" || lists.ties === undefined) return lists
    return breakTies(lists, makeRandom(this.draw, `ties/${side}`))
  }

  private renamed(lists: Neighbours): Neighbours {
    return this.order === undefined ? lists : permuteNeighbours(lists, this.order)
  }
}

/**
 * The lists that CKNNA's self-term is taken from: one random order of the ties for a view, whatever the pair and the draw,
 * so that values and permuted values have the same denominator.
 */
const selfLists = (lists: Neighbours, convention: Convention): Neighbours => {
  if (convention !== "exact" || lists.ties === undefined) return lists
  const known = selfBroken.get(lists) ?? breakTies(lists, makeRandom("self-term", "ties"))
  selfBroken.set(lists, known)
  return known
}

const selfBroken = new WeakMap<Neighbours, Neighbours>()

const present = <A>(part: A | undefined): A => {
  if (part === undefined) throw new RangeError("The view was not prepared for this metric.")
  return part
}
