/**
 * Nodes that could start, and how much of the executor's capacity is free. First come, first served among nodes that
 * ask for the same; a node that does not fit yet does not hold up one that asks for less. There is one queue for each
 * distinct demand, and no priority queue: both operations take time in the number of distinct demands, not of nodes.
 */
import type { Capacity } from "../executors/Executor.ts"

interface Bucket<A> {
  readonly demand: Capacity
  readonly items: Array<{ readonly order: number; readonly item: A }>
  head: number
}

export class Ready<A> {
  readonly #capacity: Capacity | null
  readonly #buckets = new Map<string, Bucket<A>>()
  #free: Capacity
  #order = 0

  /** A null capacity has no bounds. */
  constructor(capacity: Capacity | null) {
    this.#capacity = capacity
    this.#free = capacity ?? { cpu: 0, memoryBytes: 0, gpu: 0 }
  }

  /** A demand above the whole capacity counts as the whole. */
  #clamped(demand: Capacity): Capacity {
    if (this.#capacity === null) return { cpu: 0, memoryBytes: 0, gpu: 0 }
    return {
      cpu: Math.min(demand.cpu, this.#capacity.cpu),
      memoryBytes: Math.min(demand.memoryBytes, this.#capacity.memoryBytes),
      gpu: Math.min(demand.gpu, this.#capacity.gpu)
    }
  }

  add(demand: Capacity, item: A): void {
    const key = `${demand.cpu} ${demand.memoryBytes} ${demand.gpu}`
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      bucket = { demand: this.#clamped(demand), items: [], head: 0 }
      this.#buckets.set(key, bucket)
    }
    bucket.items.push({ order: this.#order++, item })
  }

  /** The oldest node that fits, with its share of the capacity taken; undefined where none fits. */
  take(): A | undefined {
    let best: Bucket<A> | undefined
    for (const bucket of this.#buckets.values()) {
      if (bucket.head === bucket.items.length) continue
      const { cpu, memoryBytes, gpu } = bucket.demand
      if (cpu > this.#free.cpu || memoryBytes > this.#free.memoryBytes || gpu > this.#free.gpu) continue
      if (best === undefined || bucket.items[bucket.head]!.order < best.items[best.head]!.order) best = bucket
    }
    if (best === undefined) return undefined
    this.#add(best.demand, -1)
    const { item } = best.items[best.head]!
    best.head += 1
    if (best.head > 1024 && best.head * 2 > best.items.length) {
      best.items.splice(0, best.head)
      best.head = 0
    }
    return item
  }

  /** Gives back what `take` took for a node with this demand. */
  release(demand: Capacity): void {
    this.#add(this.#clamped(demand), 1)
  }

  #add(amount: Capacity, sign: 1 | -1): void {
    this.#free = {
      cpu: this.#free.cpu + sign * amount.cpu,
      memoryBytes: this.#free.memoryBytes + sign * amount.memoryBytes,
      gpu: this.#free.gpu + sign * amount.gpu
    }
  }
}
