/** What a reader of one score must know beside its definition: ties, and permutations too few for a p. */
import type { Convention } from "./conventions.ts"
import type { MetricSpec } from "./metrics.ts"
import type { Items } from "./repeats.ts"
import { FEWEST_PERMUTATIONS } from "./scores.ts"
import type { TiedShares } from "./scores.ts"
import { NOTED_SHARE } from "./ties.ts"

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`

/**
 * Full sentences; none where there is nothing to say. `ties`, `items` and `flat` are what `tiesOfPair`, `itemsOfPair` and
 * `flatOfPair` found.
 */
export const notesOf = (
  { name, size }: MetricSpec,
  convention: Convention,
  ties: TiedShares | null,
  items: Items | undefined,
  permutations: number,
  flat: ReadonlyArray<string> = []
): ReadonlyArray<string> => {
  if (ties !== null && flat.length > 0) {
    return [
      `All rows of ${flat.join(" and of ")} are equally similar to one another: there are no nearest ones.`
    ]
  }
  const notes: Array<string> = []
  const many = ties !== null && Math.max(ties.a, ties.b) > NOTED_SHARE
  if (many) {
    notes.push(
      `Neighbour ${size} is as similar as one left out in ${percent(ties.a)} of the rows of a and ${percent(ties.b)} of b.`
    )
  }
  if (ties !== null && convention !== "exact") {
    notes.push(
      `The code that ${convention} reproduces gives ties to the lower row in both views, which favours agreement` +
        (many ? ": the value is above chance for unrelated views, and has no null." : ".")
    )
  } else if (many) {
    notes.push(
      name === "mutual_knn"
        ? "Mutual kNN shares ties out."
        : "Metrics of lists break ties by random orders, in each view and permutation apart."
    )
  }
  if (permutations > 0 && items !== undefined) {
    const rows = items.reduce((sum, item) => sum + item.length, 0)
    notes.push(
      `${rows - items.length} of the ${rows} rows repeat another in both views; the permutations move the rows of an item together.`
    )
  }
  if (permutations > 0 && permutations < FEWEST_PERMUTATIONS) {
    notes.push(
      `p is not given: ${permutations} permutations cannot reach .05, ${FEWEST_PERMUTATIONS} are the fewest that can.`
    )
  }
  return notes
}
