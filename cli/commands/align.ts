/**
 * `asterism align a b`: the alignment metrics for any two matrices on disk.
 *
 * `--json`: `{joinedBy: "key" | "row", n, metrics: [{name, value, direction, range, definition, chance, null: {mean, sd,
 * p, permutations}, subsamples, k, chanceBy, ties, notes}]}`; values are on all common rows.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { readMatrix } from "../../artifacts/files/readMatrix.ts"
import { columns, result } from "../output.ts"

const matrixArgument = (name: string) =>
  Argument.String(name).pipe(
    Argument.withDescription(
      "npy, npz, csv, tsv, parquet, arrow, feather or safetensors; rows are things, columns are dimensions"
    )
  )

const number = (value: number | null): string => (value === null ? "–" : value.toFixed(4))

export const align = Command.make(
  "align",
  {
    a: matrixArgument("a"),
    b: matrixArgument("b"),
    k: Flag.Int("k").pipe(Flag.withDescription("neighbours"), Flag.withDefault(10)),
    q: Flag.Int("q").pipe(Flag.withDescription("dimensions kept by SVCCA"), Flag.withDefault(10)),
    centre: Flag.Boolean("centre").pipe(
      Flag.withDescription("normalise rows, subtract the mean, normalise rows, before measuring"),
      Flag.withDefault(false)
    ),
    metrics: Flag.String("metrics").pipe(
      Flag.withDescription("'all', or names with commas, such as mutual_knn,unbiased_cka"),
      Flag.withDefault("all")
    ),
    permutations: Flag.Int("permutations").pipe(
      Flag.withDescription("row permutations for the null"),
      Flag.withDefault(20)
    ),
    seed: Flag.String("seed").pipe(
      Flag.withDescription("of the permutations and subsamples"),
      Flag.withDefault("0")
    ),
    keys: Flag.String("keys").pipe(
      Flag.withDescription("a text file with one key a line, for files that hold none"),
      Flag.optional
    ),
    convention: Flag.Literals("convention", ["exact", "l2prh", "prh"]).pipe(
      Flag.withDescription("'exact', or reproduce the numbers of a paper's code"),
      Flag.withDefault("exact" as const)
    )
  },
  Effect.fn("align")(function* (given) {
    const keys = Option.isSome(given.keys) ? { keys: given.keys.value } : {}
    const a = yield* readMatrix(given.a, keys)
    const b = yield* readMatrix(given.b, keys)
    const { alignMatrices } = yield* Effect.promise(() => import("../../compute/alignment/alignMatrices.ts"))
    const aligned = yield* alignMatrices(
      { ...a, name: given.a },
      { ...b, name: given.b },
      {
        k: given.k,
        q: given.q,
        centre: given.centre,
        metrics: given.metrics.split(","),
        permutations: given.permutations,
        seed: given.seed,
        convention: given.convention
      }
    )
    yield* result(aligned, () =>
      [
        `${aligned.n} rows joined by ${aligned.joinedBy}${given.centre ? ", centred" : ""}`,
        columns([
          ["metric", "value", "better", "chance", "null", "sd", "p"],
          ...aligned.metrics.map((metric) => [
            metric.name,
            number(metric.value),
            metric.direction,
            number(metric.chance),
            number(metric.null?.mean ?? null),
            number(metric.null?.sd ?? null),
            number(metric.null?.p ?? null)
          ])
        ]),
        ...new Set(aligned.metrics.flatMap(({ notes }) => notes))
      ].join("\n")
    )
  })
).pipe(Command.withDescription("the alignment metrics for two matrices on disk"))
