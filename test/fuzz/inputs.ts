/** The bytes of an input: a number in a run of a seed says which target, which file and which changes, on any machine. */
import * as fs from "node:fs"
import { join } from "node:path"
import { Random } from "./Random.ts"
import { targets, type Target } from "./targets.ts"

export interface Input {
  readonly target: Target
  readonly bytes: Uint8Array
}

export const targetOf = (input: number): Target => targets[input % targets.length]!

/** The valid files of a target, as the parent wrote them into `folder`. */
const seedsOf = (folder: string, name: string): ReadonlyArray<Uint8Array> => {
  const home = join(folder, name)
  return fs
    .readdirSync(home)
    .sort((a, b) => Number(a) - Number(b))
    .map((file) => fs.readFileSync(join(home, file)))
}

const known = new Map<string, ReadonlyArray<Uint8Array>>()

/** The first inputs of a target are its valid files as they are: controls. */
export const makeInput = (folder: string, seed: number, input: number): Input => {
  const target = targetOf(input)
  const seeds = known.get(target.name) ?? seedsOf(folder, target.name)
  known.set(target.name, seeds)
  const turn = Math.floor(input / targets.length)
  if (turn < seeds.length) return { target, bytes: seeds[turn]! }
  const random = new Random(seed, target.name, input)
  return { target, bytes: target.mutate(random.pick(seeds), random, seeds) }
}
