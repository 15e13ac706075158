/** What intervals cover, in the words that every table and figure uses. */

const percent = (confidence: number): string => `${Number((100 * confidence).toPrecision(4))} %`

/** Other rows of the same kind: compute/statistics/subsampling.ts, "populations". */
export const populationsLabel = (confidence: number): string =>
  `${percent(confidence)}, difference between populations`

/** Other subsamples of the same rows. */
export const choiceLabel = (confidence: number): string => `${percent(confidence)}, choice of rows`

/** Other seeds of the same study. */
export const seedsLabel = (confidence: number): string => `${percent(confidence)}, other seeds`
