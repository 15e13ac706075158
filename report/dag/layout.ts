/**
 * A layered drawing of an acyclic graph (Sugiyama, Tagawa and Toda, 1981): layers by longest path, long edges split at
 * every layer they cross, crossings reduced by barycentre sweeps, positions by least squares within each layer subject
 * to the order and a least distance (pool adjacent violators). Deterministic. O(sweeps · edges · log edges).
 */

export interface LayoutNode {
  readonly id: string
  /** Extent across the layers' direction. */
  readonly breadth: number
}

export interface Edge {
  readonly from: string
  readonly to: string
}

export interface Layout {
  /** Centre across the layer, and the layer's number from 0. */
  readonly nodes: ReadonlyMap<string, { readonly across: number; readonly layer: number }>
  /** Points of each edge, from its source to its target, one a layer. */
  readonly edges: ReadonlyArray<
    Edge & { readonly points: ReadonlyArray<{ readonly across: number; readonly layer: number }> }
  >
  readonly layers: number
  readonly breadth: number
}

const bendBreadth = 10

interface Slot {
  readonly id: string
  readonly breadth: number
  readonly layer: number
  readonly up: Array<string>
  readonly down: Array<string>
  across: number
}

/** Longest distance from a source; nodes with no more inputs than readers are then pulled towards their readers. */
const layersOf = (nodes: ReadonlyArray<LayoutNode>, edges: ReadonlyArray<Edge>): Map<string, number> => {
  const incoming = new Map<string, Array<string>>(nodes.map(({ id }) => [id, []]))
  const outgoing = new Map<string, Array<string>>(nodes.map(({ id }) => [id, []]))
  for (const { from, to } of edges) {
    incoming.get(to)!.push(from)
    outgoing.get(from)!.push(to)
  }
  const layer = new Map<string, number>()
  const waiting = new Map(nodes.map(({ id }) => [id, incoming.get(id)!.length]))
  const ready = nodes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id)
  for (const id of ready) {
    layer.set(id, Math.max(0, ...incoming.get(id)!.map((source) => layer.get(source)! + 1)))
    for (const target of outgoing.get(id)!) {
      const left = waiting.get(target)! - 1
      waiting.set(target, left)
      if (left === 0) ready.push(target)
    }
  }
  for (const { id } of nodes) {
    if (!layer.has(id)) layer.set(id, 0)
  }
  for (const id of ready.toReversed()) {
    const readers = outgoing.get(id)!
    if (readers.length > 0 && incoming.get(id)!.length <= readers.length)
      layer.set(id, Math.min(...readers.map((reader) => layer.get(reader)!)) - 1)
  }
  return layer
}

/** Minimises Σ (x_i − target_i)² with x_{i+1} − x_i ≥ gap_i, by pooling neighbours that violate it. */
export const spread = (
  targets: ReadonlyArray<number>,
  gaps: ReadonlyArray<number>
): ReadonlyArray<number> => {
  const offsets = [0]
  for (let index = 1; index < targets.length; index++) offsets.push(offsets[index - 1]! + gaps[index - 1]!)
  const pools: Array<{ sum: number; count: number }> = []
  for (const [index, target] of targets.entries()) {
    pools.push({ sum: target - offsets[index]!, count: 1 })
    while (pools.length > 1) {
      const last = pools.at(-1)!
      const before = pools.at(-2)!
      if (before.sum / before.count <= last.sum / last.count) break
      pools.pop()
      before.sum += last.sum
      before.count += last.count
    }
  }
  const result: Array<number> = []
  for (const { sum, count } of pools)
    for (let member = 0; member < count; member++) result.push(sum / count + offsets[result.length]!)
  return result
}

const average = (values: ReadonlyArray<number>, fallback: number): number =>
  values.length === 0 ? fallback : values.reduce((sum, value) => sum + value, 0) / values.length

/** Lays out a graph; `gap` is the least distance between neighbours of a layer. */
export const layout = (nodes: ReadonlyArray<LayoutNode>, edges: ReadonlyArray<Edge>, gap: number): Layout => {
  const layer = layersOf(nodes, edges)
  const slots = new Map<string, Slot>()
  const rows: Array<Array<Slot>> = []
  const add = (id: string, breadth: number, at: number): void => {
    const slot: Slot = { id, breadth, layer: at, up: [], down: [], across: 0 }
    slots.set(id, slot)
    ;(rows[at] ??= []).push(slot)
  }
  const highest = Math.max(0, ...layer.values())
  for (let at = 0; at <= highest; at++) rows.push([])
  for (const { id, breadth } of nodes) add(id, breadth, layer.get(id)!)
  const unique = [...new Map(edges.map((edge) => [JSON.stringify([edge.from, edge.to]), edge])).values()]
  const chains = unique.map((edge, index) => {
    const chain = [edge.from]
    for (let at = layer.get(edge.from)! + 1; at < layer.get(edge.to)!; at++) {
      const id = `\u0000${index}:${at}`
      add(id, bendBreadth, at)
      chain.push(id)
    }
    chain.push(edge.to)
    for (let link = 1; link < chain.length; link++) {
      slots.get(chain[link - 1]!)!.down.push(chain[link]!)
      slots.get(chain[link]!)!.up.push(chain[link - 1]!)
    }
    return { ...edge, chain }
  })
  const place = (row: ReadonlyArray<Slot>, targets: ReadonlyArray<number>): void => {
    const gaps = row.slice(1).map((slot, index) => (row[index]!.breadth + slot.breadth) / 2 + gap)
    for (const [index, across] of spread(targets, gaps).entries()) row[index]!.across = across
  }
  for (const row of rows)
    place(
      row,
      row.map(() => 0)
    )
  const acrossOf = (ids: ReadonlyArray<string>): ReadonlyArray<number> =>
    ids.map((id) => slots.get(id)!.across)
  for (let sweep = 0; sweep < 24; sweep++) {
    const down = sweep % 2 === 0
    for (const row of down ? rows : rows.toReversed()) {
      const towards = (slot: Slot): number => average(acrossOf(down ? slot.up : slot.down), slot.across)
      const keyed = row.map((slot, index) => ({ slot, index, target: towards(slot) }))
      if (sweep < 16) {
        keyed.sort((a, b) => a.target - b.target || a.index - b.index)
        row.splice(0, row.length, ...keyed.map(({ slot }) => slot))
      }
      place(
        row,
        keyed.map(({ slot, target }) =>
          sweep < 16 ? target : average(acrossOf([...slot.up, ...slot.down]), slot.across)
        )
      )
    }
  }
  let least = Infinity
  let most = -Infinity
  for (const { across, breadth } of slots.values()) {
    least = Math.min(least, across - breadth / 2)
    most = Math.max(most, across + breadth / 2)
  }
  const shift = Number.isFinite(least) ? -least : 0
  const at = (id: string) => {
    const slot = slots.get(id)!
    return { across: slot.across + shift, layer: slot.layer }
  }
  return {
    nodes: new Map(nodes.map(({ id }) => [id, at(id)])),
    edges: chains.map(({ from, to, chain }) => ({ from, to, points: chain.map(at) })),
    layers: rows.length,
    breadth: Number.isFinite(least) ? most - least : 0
  }
}
