/** Times a case against its peers in alternating blocks, so that a slow minute of the machine meets all of them. */
import type { Case } from "./cases.ts"
import type { Peer } from "./peer.ts"

export interface Row {
  readonly case: string
  readonly tool: string
  /** The median step of each block, in seconds. */
  readonly seconds: ReadonlyArray<number>
  readonly median: number
}

export interface Timed {
  readonly rows: ReadonlyArray<Row>
  /** Our speed over that of the fastest peer. */
  readonly ratio: number
  readonly fastest: string
  readonly bytesPerStep: number
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

export const time = async (
  name: string,
  made: Case,
  peer: Peer,
  peers: ReadonlyArray<string>,
  sizes: { readonly blocks: number; readonly steps: number }
): Promise<Timed> => {
  const blocks = new Map<string, Array<number>>(["asterism", ...peers].map((tool) => [tool, []]))
  let at = 0
  const ours = async (): Promise<ReadonlyArray<number>> => {
    const seconds: Array<number> = []
    for (let i = 0; i < sizes.steps; i++) {
      const start = performance.now()
      await made.step(at++)
      seconds.push((performance.now() - start) / 1000)
    }
    return seconds
  }
  // The block before the first warms all sides up and does not count.
  for (let block = -1; block < sizes.blocks; block++) {
    for (const [tool, list] of blocks) {
      const seconds =
        tool === "asterism" ? await ours() : (await peer.run({ case: tool, steps: sizes.steps })).seconds
      if (block >= 0) list.push(median(seconds))
    }
  }
  const rows = [...blocks].map(([tool, seconds]) => ({ case: name, tool, seconds, median: median(seconds) }))
  const [own, ...others] = rows
  const fastest = others.reduce((a, b) => (a.median < b.median ? a : b))
  const { bytes, runs } = made.traffic()
  return {
    rows,
    ratio: fastest.median / own!.median,
    fastest: fastest.tool,
    bytesPerStep: Math.round(bytes / runs)
  }
}
