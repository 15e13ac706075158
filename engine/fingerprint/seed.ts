/** Seed: a node's own, from the study's seed and the node's name, so that a new node changes no other node's numbers. */
import { canonicalJson } from "../../artifacts/canonicalJson.ts"
import type { Components } from "../../artifacts/NodeRecord.ts"
import type { Reason } from "../plan/Reason.ts"
import { changed, short } from "../plan/Reason.ts"
import { sha256 } from "./sha256.ts"

/** 32 hexadecimal digits. */
export const nodeSeed = (studySeed: string, node: string): string =>
  sha256(canonicalJson(["seed", studySeed, node])).slice(0, 32)

export const diffSeed = (from: Components["seed"], to: Components["seed"]): ReadonlyArray<Reason> =>
  from === to ? [] : [changed("seed", "", from, to, short)]
