/** What the codecs of streamed rows share. */
import { ArtifactError, InputError } from "../../schemas/errors.ts"

/** Whether batches that name the same bytes twice would ask for more memory than the file has bytes. */
export const sharesBytes = (
  batches: ReadonlyArray<{
    readonly buffers: ReadonlyArray<{ readonly offset: number; readonly length: number }>
  }>
): boolean => {
  let total = 0
  let end = 0
  for (const { buffers } of batches) {
    for (const { offset, length } of buffers) {
      total += length
      end = Math.max(end, offset + length)
    }
  }
  return total > end
}

/** A stage's stream of blocks failed: errors of ours pass, any other is told in its own words. */
export const streamFailure =
  (where: string) =>
  (error: unknown): ArtifactError | InputError => {
    if (error instanceof ArtifactError || error instanceof InputError) return error
    return new ArtifactError({
      reason: "unwritable",
      path: where,
      detail: `The rows stopped coming: ${error instanceof Error ? error.message : String(error)}.`
    })
  }
