/** What the codecs of streamed rows share. */
import { ArtifactError, InputError } from "../../schemas/errors.ts"

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
