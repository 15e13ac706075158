/**
 * `asterism certify <certificate>`: recomputes the bounds and margins that certificates claim, from the files alone: bounds
 * with rounding upwards, margins with rounding downwards. Exit code 1 where one does not prove what it claims.
 *
 * `--json`: `{certificates: [{file, rows, columns, claims: [{threshold, dim, proof, provedFor, boundClaimed, bound,
 * marginClaimed, margin, faults}]}], proved}`; `dim` is "inf" for every dimension, `bound` null where nothing was proved,
 * `margin` null where no embeddings are claimed; `faults` says in sentences what is not proved.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { arrayFlag, columnsFlag, keysFlag, readOptions } from "../matrixInput.ts"
import { columns, result } from "../output.ts"

const shown = (value: number | null): string =>
  value === null || !Number.isFinite(value) ? "–" : String(Number(value.toPrecision(12)))

export const certify = Command.make(
  "certify",
  {
    certificate: Argument.String("certificate").pipe(
      Argument.withDescription(
        "a certificate's file, a folder of them (as 'margin --save' writes it), or an artifact's or record's id"
      )
    ),
    matrix: Flag.String("matrix").pipe(
      Flag.withMetavar("A"),
      Flag.withDescription(
        "the relevance matrix that it must be about, as 'margin' takes it; default: the one that it holds"
      ),
      Flag.optional
    ),
    keys: keysFlag("keys", "a matrix that holds none"),
    array: arrayFlag(),
    columns: columnsFlag("columns", "a csv, arrow or feather matrix")
  },
  Effect.fn("certify")(function* (given) {
    const { certifyAll } = yield* Effect.promise(() => import("../margin/certify.ts"))
    const found = yield* certifyAll(
      given.certificate,
      Option.getOrUndefined(given.matrix),
      readOptions(given)
    )
    const faults = found.flatMap(({ claims, file }) =>
      claims.flatMap((claim) =>
        claim.faults.map((fault) => `${file}, threshold '${claim.threshold}': ${fault}`)
      )
    )
    if (faults.length > 0) process.exitCode = 1
    const certificates = found.map(({ claims, ...rest }) => ({
      ...rest,
      claims: claims.map(({ bound, dim, ...claim }) => ({
        ...claim,
        dim: Number.isFinite(dim) ? dim : "inf",
        bound: Number.isFinite(bound) ? bound : null
      }))
    }))
    yield* result({ certificates, proved: faults.length === 0 }, () =>
      [
        columns([
          ["certificate", "matrix", "dim", "threshold", "margin", "bound", "proof", "proved"],
          ...certificates.flatMap(({ claims, file, rows, ...matrix }) =>
            claims.map((claim) => [
              file,
              `${rows} × ${matrix.columns}`,
              String(claim.dim),
              claim.threshold,
              shown(claim.margin),
              shown(claim.bound),
              claim.proof,
              claim.faults.length === 0 ? "yes" : "no"
            ])
          )
        ]),
        ...(faults.length === 0 ? [] : ["Not proved:", ...faults.map((fault) => `  ${fault}`)])
      ].join("\n")
    )
  })
).pipe(Command.withDescription("recompute the bounds and margins that a certificate claims"))
