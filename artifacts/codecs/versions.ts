/**
 * The version of each codec, apart from the codecs so that planning loads none of them. Part of every fingerprint that
 * writes the format.
 */
import type { Format } from "../../schemas/Kind.ts"

export const codecVersions: { readonly [F in Format]: number } = {
  matrix: 1,
  sparse: 1,
  table: 1,
  tensors: 1,
  json: 1,
  file: 1
}
