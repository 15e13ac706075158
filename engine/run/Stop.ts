/**
 * A request to stop, seen by everything that runs. The first request lets stages save their state; the second stops at
 * once. Requests never go away.
 */
export class Stop {
  #level: 0 | 1 | 2 = 0
  readonly #listeners = new Set<(level: 1 | 2) => void>()

  /** 0: keep going; 1: save and stop; 2: stop now. */
  get level(): 0 | 1 | 2 {
    return this.#level
  }

  request(): void {
    this.#level = this.#level === 0 ? 1 : 2
    for (const listener of this.#listeners) listener(this.#level)
  }

  /** Calls `listener` at every request from now on, and at once if there was one already. Returns how to stop listening. */
  listen(listener: (level: 1 | 2) => void): () => void {
    this.#listeners.add(listener)
    if (this.#level !== 0) listener(this.#level)
    return () => this.#listeners.delete(listener)
  }
}
