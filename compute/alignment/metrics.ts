/**
 * What the alignment metrics are: name, direction, range and the definition another implementation needs to get the same
 * number. `scores.ts` computes them.
 */
import type { Convention } from "./conventions.ts"

export const metricNames = [
  "mutual_knn",
  "cycle_knn",
  "lcs_knn",
  "edit_distance_knn",
  "cka",
  "unbiased_cka",
  "cknna",
  "cknna_biased",
  "svcca"
] as const
export type MetricName = (typeof metricNames)[number]

/** What `all` stands for: every metric once. `cknna_biased` is a variant and is named on its own. */
export const allMetrics: ReadonlyArray<MetricName> = metricNames.filter((name) => name !== "cknna_biased")

/** The eight columns of arXiv 2605.28870, as `--metrics l2prh`. */
export const l2prhMetrics: ReadonlyArray<string> = [
  "cka",
  "unbiased_cka",
  "svcca@10",
  "svcca@100",
  "mutual_knn@10",
  "mutual_knn@100",
  "edit_distance_knn@10",
  "edit_distance_knn@100"
]

export type Direction = "higher" | "lower"

/** A metric with its size: `k` neighbours, `q` dimensions, or nothing. */
export interface MetricSpec {
  readonly name: MetricName
  readonly size: number | null
}

export interface MetricDescription {
  readonly name: MetricName
  readonly size: number | null
  readonly direction: Direction
  readonly range: readonly [number | null, number | null]
  readonly definition: string
}

/** Whether a metric is sized by neighbours (`k`), by dimensions (`q`) or not at all. */
export const sizeKind: { readonly [Name in MetricName]: "k" | "q" | "none" } = {
  mutual_knn: "k",
  cycle_knn: "k",
  lcs_knn: "k",
  edit_distance_knn: "k",
  cka: "none",
  unbiased_cka: "none",
  cknna: "k",
  cknna_biased: "k",
  svcca: "q"
}

const neighbourRule = ({ name, size }: MetricSpec, convention: Convention): string => {
  const ties =
    convention !== "exact"
      ? "ties to the lower row in both views, which favours agreement"
      : name === "mutual_knn"
        ? "of ties each has the weight (places left) / (rows tied), the mean over random orders drawn in each view apart"
        : "ties in random orders, drawn in each view apart"
  return convention === "l2prh" && name !== "cknna" && name !== "cknna_biased"
    ? `N(i): ranks 1 to ${size} of row i by inner product, rank 0 dropped as if it were row i itself; ${ties}.`
    : `N(i): the ${size} rows with the largest inner product with row i, row i masked out; ${ties}.`
}

/** The typed description of a metric under a convention. */
export const describe = ({ name, size }: MetricSpec, convention: Convention): MetricDescription => {
  const rule = neighbourRule({ name, size }, convention)
  const unpublished =
    convention === "l2prh"
      ? " (The code of arXiv 2605.28870 has no CKNNA; this is that of arXiv 2405.07987.)"
      : ""
  const floor =
    convention === "l2prh"
      ? " Denominator sqrt(max(product, 1e-6))."
      : convention === "prh"
        ? " 1e-6 added to the denominator."
        : " No value (null) where a view has no variation, judged relative to its Gram matrix."
  const of = (
    direction: Direction,
    range: readonly [number | null, number | null],
    definition: string
  ): MetricDescription => ({ name, size, direction, range, definition })
  switch (name) {
    case "mutual_knn":
      return of("higher", [0, 1], `Mean over rows of |N_A(i) ∩ N_B(i)| / ${size}. ${rule}`)
    case "cycle_knn":
      return of(
        "higher",
        [0, 1],
        `Share of rows i that are an A-neighbour of one of their B-neighbours; not symmetric. ${rule}`
      )
    case "lcs_knn":
      return of(
        "higher",
        [0, size],
        `Mean length of the longest common subsequence of the ordered lists N_A(i), N_B(i); not divided by k. ${rule}`
      )
    case "edit_distance_knn":
      return convention === "prh"
        ? of(
            "higher",
            [0, 1],
            `1 − d / ${size}, d the mean Levenshtein distance of the ordered lists N_A(i), N_B(i). ${rule}`
          )
        : of(
            "lower",
            [0, size],
            `Mean Levenshtein distance of the ordered lists N_A(i), N_B(i); not divided by k. ${rule}`
          )
    case "cka":
      return of(
        "higher",
        [0, 1],
        `HSIC_b(K, L) / sqrt(HSIC_b(K, K) HSIC_b(L, L)), linear kernels, biased: grows with dimension over rows.${floor}`
      )
    case "unbiased_cka":
      return of(
        "higher",
        [-1, 1],
        `HSIC_u(K, L) / sqrt(HSIC_u(K, K) HSIC_u(L, L)), linear kernels, unbiased HSIC (Song et al. 2012).${floor}`
      )
    case "cknna":
      return of(
        "higher",
        [null, null],
        `Unbiased CKA on the entries in both neighbour masks; each self-term uses its own mask; not bounded. ${rule}${unpublished}`
      )
    case "cknna_biased":
      return of(
        "higher",
        [null, null],
        `Biased CKA on the entries in both neighbour masks, a row may be its own neighbour; not bounded. ${rule}${unpublished}`
      )
    case "svcca":
      return of(
        "higher",
        [0, 1],
        `Mean canonical correlation of the ${size} leading left singular vectors of each view` +
          (convention === "prh"
            ? " after column z-scoring (ddof 1)."
            : ", columns neither centred nor scaled.")
      )
  }
}

/** Whether `value` is at least as good as `other`. */
export const atLeastAsGood = (value: number, other: number, direction: Direction): boolean =>
  direction === "higher" ? value >= other : value <= other

const spellings = new Map<string, MetricName>([
  ...metricNames.map((name) => [name, name] as const),
  ["topk", "mutual_knn"],
  ["knn_edit", "edit_distance_knn"],
  ["edit_knn", "edit_distance_knn"],
  ["cka_hsic", "cka"],
  ["cka_unbiased", "unbiased_cka"]
])

/**
 * Reads metric names: `mutual_knn`, `mutual-knn`, `mutualKnn`; `mutual_knn@100` with a size of its own; `all`; `l2prh`.
 * Throws a RangeError that names what it does not know.
 */
export const parseMetrics = (
  names: ReadonlyArray<string>,
  sizes: { readonly k: number; readonly q: number }
): ReadonlyArray<MetricSpec> => {
  const specs: Array<MetricSpec> = []
  const add = (text: string): void => {
    const [word, own, ...rest] = text.trim().split("@")
    const plain = word
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .replace(/[-\s]+/g, "_")
      .toLowerCase()
    if (own === undefined && plain === "all") return allMetrics.forEach(add)
    if (own === undefined && plain === "l2prh") return l2prhMetrics.forEach(add)
    const name = spellings.get(plain)
    if (name === undefined || rest.length > 0) {
      throw new RangeError(`"${text}" is not a metric; there are all, l2prh, ${metricNames.join(", ")}.`)
    }
    const kind = sizeKind[name]
    const size = own === undefined ? (kind === "none" ? null : sizes[kind]) : Number(own)
    if (size !== null && (kind === "none" || !Number.isInteger(size) || size < 1)) {
      throw new RangeError(
        kind === "none"
          ? `"${text}": ${name} has no size.`
          : `"${text}": ${kind} must be a whole number from 1, not ${own ?? size}.`
      )
    }
    if (!specs.some((spec) => spec.name === name && spec.size === size)) specs.push({ name, size })
  }
  names.forEach(add)
  if (specs.length === 0) throw new RangeError("No metric was named.")
  return specs
}
