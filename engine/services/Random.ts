/**
 * A stage's own random stream. Its seed is hash(study seed, node name), so that adding a node to a pipeline changes no
 * other node's numbers.
 */
import * as Context from "effect/Context"

export class Random extends Context.Service<
  Random,
  {
    /** 32 hexadecimal digits: the node's seed. Sub-streams are derived from it by name (`compute/random`). */
    readonly seed: string
  }
>()("asterism/Random") {}
