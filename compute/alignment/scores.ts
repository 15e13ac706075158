/**
 * Scores of a pair of prepared views: every metric, its chance level, and its permutation null.
 *
 * The null permutes the rows of the second view. Nothing is recomputed from the vectors: neighbour lists are renamed, HSIC
 * is a permuted inner product, the CCA basis is re-ordered. Chance is the exact expectation of that null where there is a
 * closed form: k / (n − 1) for mutual kNN, the in-degree formula for cycle kNN, tr K̄ tr L̄ / (n − 1) for biased HSIC, 0
 * for unbiased HSIC.
 */
import type { Null } from "../../schemas/Metric.ts"
import { cka, ckaByChance, unbiasedCka } from "./cka.ts"
import { cknna } from "./cknna.ts"
import type { Convention } from "./conventions.ts"
import { crossTerms } from "./hsic.ts"
import type { CrossTerms, HsicTerms } from "./hsic.ts"
import { atLeastAsGood, describe } from "./metrics.ts"
import type { MetricSpec } from "./metrics.ts"
import { permuteNeighbours } from "./neighbours.ts"
import type { Neighbours } from "./neighbours.ts"
import { cycleKnn, cycleKnnByChance, mutualKnn } from "./overlap.ts"
import { editDistanceKnn, lcsKnn } from "./sequences.ts"
import { canonicalCorrelations, ccaProduct } from "./svcca.ts"
import type { PreparedView } from "./views.ts"

/** The value of each metric; NaN where it has none. With `order`, row i of `b` is taken to be its row `order[i]`. */
export const scorePair = (
  a: PreparedView,
  b: PreparedView,
  specs: ReadonlyArray<MetricSpec>,
  convention: Convention,
  order?: Uint32Array
): Float64Array => {
  const terms = new PairTerms(a, b, specs, order)
  return Float64Array.from(specs, (spec) => value(terms, spec, convention))
}

const value = (terms: PairTerms, { name, size }: MetricSpec, convention: Convention): number => {
  const k = size ?? 0
  switch (name) {
    case "mutual_knn":
      return mutualKnn(terms.neighboursA, terms.neighboursB, k)
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
      return cknna(terms.neighboursA, terms.neighboursB, k, {
        biased: name === "cknna_biased",
        convention,
        unpermuted: terms.unpermutedB
      })
    case "svcca":
      return terms.svcca(k)
  }
}

/** The analytic chance level of each metric, null where there is none. */
export const chanceOfPair = (
  a: PreparedView,
  b: PreparedView,
  specs: ReadonlyArray<MetricSpec>,
  convention: Convention
): ReadonlyArray<number | null> =>
  specs.map(({ name, size }) => {
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

/**
 * The permutation null of each metric beside its `values`, from the scores of permuted pairs (`scorePair` with an order,
 * one for each permutation); null where a metric has no value.
 */
export const nullsOf = (
  specs: ReadonlyArray<MetricSpec>,
  convention: Convention,
  values: ArrayLike<number>,
  permuted: ReadonlyArray<Float64Array>
): ReadonlyArray<Null | null> =>
  specs.map((spec, m) => {
    const { direction } = describe(spec, convention)
    const sample = permuted.map((scores) => scores[m])
    if (sample.length === 0 || !Number.isFinite(values[m]) || !sample.every(Number.isFinite)) return null
    const { mean, sd } = meanAndDeviation(sample)
    const asGood = sample.filter((score) => atLeastAsGood(score, values[m], direction)).length
    return { mean, sd, p: (1 + asGood) / (1 + sample.length), permutations: sample.length }
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

/** What several metrics of one pair share, computed when first asked for. */
class PairTerms {
  private readonly a: PreparedView
  private readonly b: PreparedView
  private readonly order: Uint32Array | undefined
  private readonly largestQ: number
  private renamed: Neighbours | undefined
  private crossed: CrossTerms | undefined
  private product: { readonly size: number; readonly matrix: Float64Array } | undefined

  constructor(a: PreparedView, b: PreparedView, specs: ReadonlyArray<MetricSpec>, order?: Uint32Array) {
    this.a = a
    this.b = b
    this.order = order
    const usable = Math.min(a.basis?.size ?? 0, b.basis?.size ?? 0)
    const asked = specs.filter((spec) => spec.name === "svcca").map((spec) => spec.size ?? 0)
    this.largestQ = Math.max(0, ...asked.filter((q) => q <= usable))
  }

  get neighboursA(): Neighbours {
    return present(this.a.neighbours)
  }

  get neighboursB(): Neighbours {
    const own = present(this.b.neighbours)
    if (this.order === undefined) return own
    this.renamed ??= permuteNeighbours(own, this.order)
    return this.renamed
  }

  get unpermutedB(): Neighbours | undefined {
    return this.b.neighbours
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
}

const present = <A>(part: A | undefined): A => {
  if (part === undefined) throw new RangeError("The view was not prepared for this metric.")
  return part
}
