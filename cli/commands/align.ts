/**
 * `asterism align a b`: the alignment metrics for any two matrices on disk.
 *
 * `--json`: `{joinedBy: "key" | "row", n, metrics: [{name, value, direction, range, definition, chance, null: {mean, sd,
 * p, permutations}, subsamples, k, chanceBy, ties, notes}], notes}`; values are on all common rows; the last `notes` say what
 * was left out or assumed in reading (on standard error without `--json` too).
 */
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { arrayFlag, columnsFlag, keysFlag, readOptions, readPair, tell } from "../matrixInput.ts"
import { columns, result } from "../output.ts"

const matrixArgument = (name: string) =>
  Argument.String(name).pipe(
    Argument.withDescription(
      "npy, npz, csv, tsv, parquet, arrow, feather or safetensors; rows are things, columns are dimensions; a.npy:keys.txt names its keys"
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
    keys: keysFlag("keys", "those of the two files that hold none"),
    keysA: keysFlag("keys-a", "a"),
    keysB: keysFlag("keys-b", "b"),
    array: arrayFlag("array", "an npz or safetensors file, of both where both are one"),
    arrayA: arrayFlag("array-a", "a"),
    arrayB: arrayFlag("array-b", "b"),
    columns: columnsFlag("columns", "a table, of both where both are one"),
    columnsA: columnsFlag("columns-a", "a"),
    columnsB: columnsFlag("columns-b", "b"),
    convention: Flag.Literals("convention", ["exact", "l2prh", "prh"]).pipe(
      Flag.withDescription("'exact', or reproduce the numbers of a paper's code"),
      Flag.withDefault("exact" as const)
    )
  },
  Effect.fn("align")(function* (given) {
    const { a, b, notes } = yield* readPair(
      [given.a, given.b],
      [
        readOptions({ keys: given.keysA, array: given.arrayA, columns: given.columnsA }),
        readOptions({ keys: given.keysB, array: given.arrayB, columns: given.columnsB })
      ],
      readOptions(given)
    )
    yield* tell(notes)
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
    yield* result({ ...aligned, notes }, () =>
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
