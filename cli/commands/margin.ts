/**
 * `asterism margin <A> --dim d|inf`: the best margin found for a relevance matrix in dimension d, and proved upper
 * bounds. `<A>` is a file, `complete:n,k` or `random:n,k,N,seed`. Where there is a store, the search starts from what it
 * found before for the same matrix, and keeps what it finds (`cli/margin/found.ts`).
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
import { storeRoot } from "../globals.ts"
import { columns, duration, put, result } from "../output.ts"

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

const names = { zero: "zero", global: "one global", row: "one a query" } as const

/** A line for each better margin, at most one a second and the first at once. */
const progress = () => {
  const started = performance.now()
  let told = Number.NEGATIVE_INFINITY
  return (best: { readonly threshold: keyof typeof names; readonly margin: number }): void => {
    const now = performance.now()
    if (now - told < 1000) return
    told = now
    const after = duration((now - started) / 1000)
    put(process.stderr, `${after}  ${names[best.threshold]}  ${shown(best.margin)}\n`)
  }
}

const shown = (value: number | null): string =>
  value === null ? "–" : Math.abs(value) >= 1e-4 || value === 0 ? value.toFixed(6) : value.toExponential(3)

const row = (
  threshold: keyof typeof names,
  margin: number | null,
  bound: number | null,
  gap: number | null,
  by: string | null
): ReadonlyArray<string> => [names[threshold], shown(margin), shown(bound), shown(gap), by ?? "–"]

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
    rounds: Flag.Int("rounds").pipe(
      Flag.withMetavar("n"),
      Flag.withDescription(
        "rounds of the search for each threshold in place of a time: the same result on every machine (with --no-store)"
      ),
      Flag.optional
    ),
    tight: Flag.Boolean("tight").pipe(
      Flag.withDescription("narrow the dimension-free bounds beyond .2 %, towards a millionth"),
      Flag.withDefault(false)
    ),
    seed: Flag.String("seed").pipe(Flag.withDefault("0")),
    keys: keysFlag("keys", "a matrix that holds none: they name the queries"),
    array: arrayFlag(),
    columns: columnsFlag("columns", "a csv, arrow or feather matrix"),
    save: Flag.String("save").pipe(
      Flag.withMetavar("folder"),
      Flag.withDescription(
        "write the embeddings (queries and documents, npy and parquet) and a certificate for each threshold there"
      ),
      Flag.optional
    ),
    noStore: Flag.Boolean("no-store").pipe(
      Flag.withDescription("neither start from what the store holds for this matrix nor keep what is found"),
      Flag.withDefault(false)
    ),
    progress: Flag.Boolean("progress").pipe(
      Flag.withDescription("print the best margins so far on standard error, as on a terminal"),
      Flag.withDefault(false)
    )
  },
  Effect.fn("margin")(function* (given) {
    const dim = yield* parseDim(given.dim)
    const seconds = yield* parseTime(given.time)
    const rounds = Option.getOrUndefined(given.rounds)
    if (rounds !== undefined && rounds < 1)
      return yield* new InputError({
        what: `${rounds} rounds find nothing.`,
        where: "--rounds",
        expected: "a whole number of at least 1"
      })
    const store = given.noStore ? undefined : yield* storeRoot
    const { solveMargin } = yield* Effect.promise(() => import("../margin/solve.ts"))
    const solved = yield* solveMargin(given.relevance, {
      dim,
      time: Duration.seconds(seconds),
      rounds,
      tight: given.tight,
      seed: given.seed,
      save: Option.getOrUndefined(given.save),
      store,
      onProgress: given.progress || process.stderr.isTTY ? progress() : undefined,
      read: readOptions(given)
    })
    yield* result(solved, () =>
      [
        `${solved.rows} queries × ${solved.cols} documents, dimension ${solved.dim}, ${duration(solved.seconds)}`,
        columns([
          ["threshold", "margin", "upper bound", "gap", "bounded by"],
          row("zero", solved.margin, solved.upperBound, solved.gap, solved.boundedBy),
          row(
            "global",
            solved.marginShifted,
            solved.upperBoundShifted,
            solved.gapShifted,
            solved.boundedByShifted
          ),
          row("row", solved.marginRow, solved.upperBoundRow, solved.gapRow, solved.boundedByRow)
        ])
      ].join("\n")
    )
  })
).pipe(Command.withDescription("the best margin of a relevance matrix in dimension d, and its proved bound"))
