/**
 * How the variance of a mean over rows changes with its level, up to a factor.
 *
 * The kNN scores are means over rows of shares of k neighbours. A mean of n shares that come about with probability p has
 * variance D · p(1 − p)/(kn), with D from the dependence among neighbours and rows. At fixed k the level p falls as rows
 * are added and D stays (N = 4,437 beside n = 1,000: the variances' ratio was .48 of n/N, p(1 − p)'s .47), so g = p(1 − p)
 * carries a variance from subsamples to all rows. Scores of matrices as wholes (CKA, SVCCA) keep their level: g = 1.
 */

/** g of a metric at a value; null where its variance does not follow its level. Distances (`lower`) count up to k. */
export const varianceAt = (
  metric: string,
  k: number | null,
  direction: string | null,
  value: number
): number | null => {
  const share =
    metric === "mutual_knn" || metric === "cycle_knn"
      ? value
      : k !== null && (metric === "lcs_knn" || (metric === "edit_distance_knn" && direction === "lower"))
        ? value / k
        : metric === "edit_distance_knn"
          ? value
          : Number.NaN
  return share >= 0 && share <= 1 ? share * (1 - share) : null
}
