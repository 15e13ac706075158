/** A sparse autoencoder killed in the middle of its training: dictionary, curve and codes are those of one never killed. */
import { describe, it } from "@effect/vitest"
import { beforeAll } from "vitest"
import { bundle } from "../support/program.ts"
import { endsAsIfNeverKilled } from "./killedTraining.ts"

let program = ""
beforeAll(async () => {
  program = await bundle(new URL("./saeStudy.ts", import.meta.url))
})

describe("sae/train", () => {
  it.live(
    "killed in the middle of its training and started again, ends with the bytes of an uninterrupted one",
    () => endsAsIfNeverKilled(program, "sae", [100, 400]),
    120_000
  )
})
