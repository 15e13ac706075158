/** Random numbers of one input, from the run's seed, the target's name and the input's number alone (splitmix32). */
export class Random {
  #state = 0x9e3779b9

  constructor(...names: ReadonlyArray<string | number>) {
    for (const character of names.join("\u0000")) {
      this.#state = Math.imul(this.#state ^ character.codePointAt(0)!, 0x85ebca6b)
      this.#state ^= this.#state >>> 15
    }
  }

  /** A 32-bit number. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let x = this.#state
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad)
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97)
    return (x ^ (x >>> 15)) >>> 0
  }

  /** A whole number from 0 to `end` − 1; 0 where there is none. */
  below(end: number): number {
    return end <= 0 ? 0 : this.next() % end
  }

  chance(share: number): boolean {
    return this.next() < share * 2 ** 32
  }

  pick<A>(items: ReadonlyArray<A>): A {
    return items[this.below(items.length)]!
  }
}
