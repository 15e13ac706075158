import { expect, it } from "@effect/vitest"
import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { tableCodec } from "../../../artifacts/codecs/table.ts"
import { writeParquet } from "../../../artifacts/codecs/parquet/write.ts"
import type { TableReader } from "../../../schemas/Kind.ts"
import type { Columns } from "../../../schemas/Table.ts"
import { Scores, temporaryFolder } from "../fixtures.ts"

/** Phrases of the JavaScript engine and of libraries. */
const internals = /undefined|typed array|bounds|not a function|RangeError|parquet (invalid|bitpack|un)|zstd/i

it.effect("a table whose bytes are damaged is read whole, or refused as damaged in our words", () =>
  Effect.gen(function* () {
    const rows = [
      { name: "x", note: null, value: 0.1, low: null, count: -7, kept: true },
      { name: "y", note: "ü", value: 1e300, low: 2, count: 5, kept: false }
    ]
    const columns = Object.entries(Scores.columns!).map(([name, type]) => ({
      name,
      type,
      cells: rows.map((row) => row[name as keyof (typeof rows)[number]])
    }))
    const bytes = Buffer.concat(yield* Effect.promise(() => writeParquet(columns, rows.length)))
    const file = path.join(yield* temporaryFolder, "t.parquet")
    const read = Effect.flatMap(
      tableCodec.open(Scores, file, { rows: 2, dims: null, layout: {} }),
      (reader) => (reader as TableReader<Columns>).read
    )
    let refused = 0
    for (let at = 0; at < bytes.length; at += 2)
      for (const mask of [1 << (at % 8), 0xff]) {
        fs.writeFileSync(file, bytes.with(at, bytes[at]! ^ mask))
        const exit = yield* Effect.exit(read)
        if (Exit.isSuccess(exit)) expect(exit.value.rows.length, `byte ${at}`).toBe(2)
        else {
          refused++
          const [error] = exit.cause.reasons.map((reason) => ("error" in reason ? reason.error : reason))
          expect(["corrupt", "mismatch"], `byte ${at}`).toContain((error as { reason: string }).reason)
          expect((error as { detail: string }).detail, `byte ${at}`).not.toMatch(internals)
        }
      }
    expect(refused).toBeGreaterThan(200)
  }).pipe(Effect.scoped)
)
