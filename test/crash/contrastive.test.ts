/** Contrastive training killed at some step ends as one that was never killed. */
import { describe, it } from "@effect/vitest"
import { beforeAll } from "vitest"
import { bundle } from "../support/program.ts"
import { endsAsIfNeverKilled } from "./killedTraining.ts"

let program = ""
beforeAll(async () => {
  program = await bundle(new URL("./contrastiveStudy.ts", import.meta.url))
})

describe("resume of contrastive training", () => {
  for (const node of ["sigmoid", "infonce"]) {
    it.live(
      `contrastive/${node} killed in its training ends with the bytes of an uninterrupted one`,
      () => endsAsIfNeverKilled(program, node, [200, 900]),
      120_000
    )
  }
})
