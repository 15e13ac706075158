/** Plans a study: which nodes are cached, which would run or resume, and why. Linear in nodes and wires; reads only. */
import * as Effect from "effect/Effect"
import type { ArtifactError, InputError } from "../../schemas/errors.ts"
import type { Store } from "../../artifacts/Store.ts"
import type { Code } from "../fingerprint/Code.ts"
import type { Study } from "../Study.ts"
import type { Plan } from "./Plan.ts"

export const plan = (_study: Study): Effect.Effect<Plan, InputError | ArtifactError, Store | Code> =>
  Effect.die("not built yet")
