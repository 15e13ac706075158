/**
 * How a constellation was made: every setting that its numbers depend on, carried with it as metadata from stage to stage,
 * so that a published number is compared with one of the same recipe and with no other. Left out: seeds and what only
 * says how often to record.
 */
import * as Schema from "effect/Schema"

const Settings = Schema.Record(Schema.String, Schema.Json)

export const Recipe = Schema.Struct({
  /** Of all runs: items, dims, how vectors start, steps, gradient, … */
  all: Settings,
  /** Of the runs of one point. */
  points: Schema.Record(Schema.String, Settings)
})
export type Recipe = typeof Recipe.Type

const text = (value: unknown): string =>
  value === undefined ? "unknown" : typeof value === "string" ? value : JSON.stringify(value)

/**
 * What differs between the recipe of a published number and the one made here, in words; undefined where nothing does.
 * `measure` ends in `@<step>` for a value on the way, which the number of steps afterwards does not change.
 */
export const differences = (
  published: Recipe,
  made: Recipe | undefined,
  point: string,
  measure: string
): string | undefined => {
  if (made === undefined) return "made by a stage that does not say how"
  const found: Array<string> = []
  const compare = (wanted: Recipe["all"], got: Recipe["all"] | undefined): void => {
    for (const [name, value] of Object.entries(wanted)) {
      if (name === "steps" && measure.includes("@")) continue
      const other = got?.[name]
      if (JSON.stringify(other) !== JSON.stringify(value)) {
        found.push(`${name} ${text(other)}, published ${text(value)}`)
      }
    }
  }
  compare(published.all, made.all)
  compare(published.points[point] ?? {}, made.points[point])
  return found.length === 0 ? undefined : found.join("; ")
}
