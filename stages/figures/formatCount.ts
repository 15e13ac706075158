/** Whole numbers inside sentences: thousands apart, as in 4,437. */
export const formatCount = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ",")
