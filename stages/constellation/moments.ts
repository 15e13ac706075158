/** Mean, sample deviation (null for one sample) and range of a few numbers, and grouping in order of appearance. */
export const moments = (samples: ReadonlyArray<number>) => {
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length
  const squares = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return {
    seeds: samples.length,
    mean,
    sd: samples.length > 1 ? Math.sqrt(squares / (samples.length - 1)) : null,
    min: Math.min(...samples),
    max: Math.max(...samples)
  }
}

export const groupBy = <A, K>(items: ReadonlyArray<A>, key: (item: A) => K): Map<K, Array<A>> => {
  const groups = new Map<K, Array<A>>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}
