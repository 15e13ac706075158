/**
 * `asterism margin <A> --dim d|inf`: the best margin found for a relevance matrix in dimension d, and proved upper
 * bounds. `<A>` is a file, `complete:n,k` or `random:n,k,N,seed`.
 *
 * `--json`: `{rows, cols, dim, margin, marginShifted, marginRow, relativeBias, upperBound, upperBoundShifted,
 * upperBoundRow, gap, gapShifted, gapRow, boundedBy, seconds, notes}` (half gaps; margin: zero threshold, marginShifted: best
 * global threshold, marginRow: one threshold a query; gap = (upperBound − margin) / upperBound; notes: what was assumed
 * in reading the file, on standard error without --json too).
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import { InputError } from "../../schemas/errors.ts"
import { arrayFlag, columnsFlag, keysFlag, readOptions } from "../matrixInput.ts"
import { columns, duration, result } from "../output.ts"

const parseDim = (text: string): Effect.Effect<number, InputError> => {
  if (/^(inf|infinity)$/i.test(text)) return Effect.succeed(Infinity)
  const dim = Number(text)
  return Number.isInteger(dim) && dim >= 1
    ? Effect.succeed(dim)
    : Effect.fail(
        new InputError({
          what: `'${text}' is not a dimension.`,
          where: "--dim",
          expected: "a whole number of at least 1, or inf"
        })
      )
}

const parseTime = (text: string): Effect.Effect<number, InputError> => {
  const short = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?$/.exec(text.trim())
  const unit = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600 }[short?.[2] ?? "s"]
  const seconds = short === null || unit === undefined ? Number.NaN : Number(short[1]) * unit
  return seconds > 0
    ? Effect.succeed(seconds)
    : Effect.fail(
        new InputError({
          what: `'${text}' is not a time.`,
          where: "--time",
          expected: "a duration such as 60s or 5min"
        })
      )
}

const shown = (value: number | null): string =>
  value === null ? "–" : Math.abs(value) >= 1e-4 || value === 0 ? value.toFixed(6) : value.toExponential(3)

export const margin = Command.make(
  "margin",
  {
    relevance: Argument.String("A").pipe(
      Argument.withDescription(
        "a qrels file (trec, tsv, csv, jsonl, parquet), a BEIR folder, a matrix (npz, npy, csv, …), complete:n,k or random:n,k,N,seed"
      )
    ),
    dim: Flag.String("dim").pipe(
      Flag.withMetavar("d|inf"),
      Flag.withDescription("dimension of the embeddings")
    ),
    time: Flag.String("time").pipe(
      Flag.withDescription("how long to look for a better margin"),
      Flag.withDefault("60s")
    ),
    seed: Flag.String("seed").pipe(Flag.withDefault("0")),
    keys: keysFlag("keys", "a matrix that holds none: they name the queries"),
    array: arrayFlag(),
    columns: columnsFlag("columns", "a csv, arrow or feather matrix"),
    save: Flag.String("save").pipe(
      Flag.withMetavar("folder"),
      Flag.withDescription("write the embeddings (queries and documents, npy and parquet) there"),
      Flag.optional
    )
  },
  Effect.fn("margin")(function* (given) {
    const dim = yield* parseDim(given.dim)
    const seconds = yield* parseTime(given.time)
    const { solveMargin } = yield* Effect.promise(() => import("../margin.ts"))
    const solved = yield* solveMargin(given.relevance, {
      dim,
      time: Duration.seconds(seconds),
      seed: given.seed,
      save: Option.getOrUndefined(given.save),
      read: readOptions(given)
    })
    yield* result(solved, () =>
      [
        `${solved.rows} queries × ${solved.cols} documents, dimension ${solved.dim}, ${duration(solved.seconds)}`,
        columns([
          ["threshold", "margin", "upper bound", "gap"],
          ["zero", shown(solved.margin), shown(solved.upperBound), shown(solved.gap)],
          [
            "one global",
            shown(solved.marginShifted),
            shown(solved.upperBoundShifted),
            shown(solved.gapShifted)
          ],
          ["one a query", shown(solved.marginRow), shown(solved.upperBoundRow), shown(solved.gapRow)]
        ]),
        `bounded by: ${typeof solved.boundedBy === "string" ? solved.boundedBy : JSON.stringify(solved.boundedBy)}`
      ].join("\n")
    )
  })
).pipe(Command.withDescription("the best margin of a relevance matrix in dimension d, and its proved bound"))
