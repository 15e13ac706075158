/**
 * Which objects' bytes this process knows to be right: those it has hashed, as it wrote them or before it read them. It
 * remembers them only in memory, with the file's size, times and inode, all of which are compared at each later look;
 * nothing that another process or an earlier run found counts.
 */
import { messageOf, isDamage } from "../failures.ts"
import { type FileFacts, factsOf, hashFile, sameFacts } from "./fileFacts.ts"

/** What is wrong with an object's file. */
export type Fault =
  | { readonly type: "missing" }
  | { readonly type: "damaged"; readonly detail: string }
  | { readonly type: "unreadable"; readonly detail: string }

export class Checked {
  readonly #known = new Map<string, FileFacts>()
  readonly #hashing = new Map<string, Promise<Fault | undefined>>()

  /** This process has just hashed the bytes of the file as it is. */
  remember(digest: string, facts: FileFacts): void {
    this.#known.set(digest, facts)
  }

  forget(digest: string): void {
    this.#known.delete(digest)
  }

  /** Undefined where the file at `path` has the bytes of `digest`. Throws what says nothing of the file. */
  check(digest: string, path: string): Fault | undefined | Promise<Fault | undefined> {
    try {
      const facts = factsOf(path)
      if (facts === undefined) return { type: "missing" }
      const known = this.#known.get(digest)
      if (known !== undefined && sameFacts(known, facts)) return undefined
    } catch (error) {
      return faultOf(error)
    }
    const hashing = this.#hashing.get(digest)
    if (hashing !== undefined) return hashing
    const found = this.#hash(digest, path)
    if (!(found instanceof Promise)) return found
    this.#hashing.set(digest, found)
    return found.finally(() => this.#hashing.delete(digest))
  }

  #hash(digest: string, path: string): Fault | undefined | Promise<Fault | undefined> {
    const look = (found: { readonly digest: string; readonly facts: FileFacts }): Fault | undefined => {
      if (found.digest !== digest)
        return { type: "damaged", detail: `its bytes hash to ${found.digest.slice(0, 12)}` }
      this.#known.set(digest, found.facts)
      return undefined
    }
    try {
      const hashed = hashFile(path)
      return hashed instanceof Promise ? hashed.then(look, faultOf) : look(hashed)
    } catch (error) {
      return faultOf(error)
    }
  }
}

const faultOf = (error: unknown): Fault => {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return { type: "missing" }
  if (isDamage(error)) return { type: "unreadable", detail: `it cannot be read (${messageOf(error)})` }
  throw error
}
