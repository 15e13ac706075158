import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { solveMargin } from "../../cli/margin/solve.ts"
import { workplace } from "../support/command.ts"

const place = workplace()
afterAll(() => place.remove())

describe("C34: what asterism margin found is kept, and margins never fall", () => {
  const store = join(place.folder, "store")
  const solve = async (dim: number, seed: string, rounds = 1): Promise<ReadonlyArray<number>> => {
    const given = { dim, seed, rounds, store, time: Duration.seconds(1), tight: false, read: {} }
    const options = { ...given, save: undefined, onProgress: undefined }
    const { margin, marginRow, marginShifted } = await Effect.runPromise(solveMargin("complete:5,2", options))
    return [margin, marginShifted!, marginRow!]
  }
  const kept = (): ReadonlyArray<string> => {
    const folder = join(store, "margins")
    if (!existsSync(folder)) return []
    return readdirSync(folder).flatMap((name) =>
      readdirSync(join(folder, name)).map((file) => join(folder, name, file))
    )
  }

  it(
    "against earlier solves in as many or fewer dimensions, by the margins' full digits; gc keeps them",
    {
      timeout: 60_000
    },
    async () => {
      await solve(3, "0")
      expect(kept()).toEqual([]) // there is no store yet, and none is made
      mkdirSync(join(store, "objects"), { recursive: true })
      const best = new Map<number, ReadonlyArray<number>>()
      for (const [dim, seed] of [
        [2, "0"],
        [4, "1"],
        [3, "2"],
        [4, "2"],
        [7, "3"]
      ] as const) {
        const margins = await solve(dim, seed)
        for (const [earlier, reached] of best) {
          if (earlier <= dim)
            margins.forEach((margin, at) => expect(margin).toBeGreaterThanOrEqual(reached[at]))
        }
        best.set(dim, margins)
      }
      const files = kept()
      expect(files.length).toBeGreaterThanOrEqual(4)
      const certified = await place.asterism("certify", files[0])
      expect(certified.code, certified.stdout).toBe(0)
      expect((await place.asterism("gc", "--keep", "0", "--store", store)).code).toBe(0)
      expect(kept()).toEqual(files)

      // A damaged file is left out and said; --no-store asks for none.
      writeFileSync(files[0], "no npz")
      const words = ["margin", "complete:5,2", "--dim", "4", "--time", "100ms", "--store", store]
      expect((await place.asterism(...words)).stderr).toContain("Embeddings found before are left out")
      expect((await place.asterism(...words, "--no-store")).stderr).not.toContain("left out")
    }
  )
})
