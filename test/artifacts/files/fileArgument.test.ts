import { describe, expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { fileArgument } from "../../../artifacts/files/fileArgument.ts"
import { readMatrix } from "../../../artifacts/files/readMatrix.ts"
import { temporaryFolder } from "../fixtures.ts"
import { floatNpy } from "./madeFiles.ts"

describe("a matrix on a command line", () => {
  it.effect("may name its keys behind a colon; a file of that very name comes first", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const at = (name: string) => path.join(folder, name)
      fs.writeFileSync(at("a.npy"), "")
      fs.writeFileSync(at("lr:1.npy"), "")
      expect(fileArgument(`${at("a.npy")}:keys.txt`)).toEqual({ path: at("a.npy"), keys: "keys.txt" })
      expect(fileArgument(at("lr:1.npy"))).toEqual({ path: at("lr:1.npy") })
      expect(fileArgument(`${at("lr:1.npy")}:k:2.txt`)).toEqual({ path: at("lr:1.npy"), keys: "k:2.txt" })
      // Neither is there: the message names the matrix.
      expect(fileArgument("b.npz:keys.txt")).toEqual({ path: "b.npz", keys: "keys.txt" })
      expect(fileArgument("complete:12,2")).toEqual({ path: "complete:12,2" })
    }).pipe(Effect.scoped)
  )

  it.effect("takes --array and --columns only where they say something", () =>
    Effect.gen(function* () {
      const file = path.join(yield* temporaryFolder, "a.npy")
      fs.writeFileSync(file, floatNpy("(1, 1)", [1]))
      expect((yield* Effect.flip(readMatrix(file, { array: "x" }))).message).toContain("leave out --array")
      expect((yield* Effect.flip(readMatrix(file, { columns: ["x"] }))).message).toContain(
        "leave out --columns"
      )
    }).pipe(Effect.scoped)
  )
})
