/** Margins as curves, one panel a group, with the proved bound in grey and a line where there is no margin. */
import type * as Pipeline from "../../engine/Pipeline.ts"
import type { Series } from "../../schemas/Series.ts"
import { curves } from "../../stages/figures/curves.ts"

export const marginCurves = function* (
  p: Pipeline.Builder,
  node: string,
  params: {
    readonly title: string
    readonly caption: string
    readonly x: { readonly name: string; readonly log?: boolean }
  },
  series: Pipeline.Handle<typeof Series>
) {
  return yield* p.stage(node, curves, {
    params: {
      ...params,
      y: { name: "margin" },
      marks: "both",
      panels: true,
      muted: ["proved bound"],
      references: [{ axis: "y", value: 0, label: "no margin" }]
    },
    inputs: { series }
  })
}
