/** A stage's numerics in plans and records: the backend's, the kernels', both or none. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { beforeEach, vi } from "vitest"
import { fusedMultiplyAdd } from "../../compute/processor.ts"
import * as Stage from "../../engine/Stage.ts"
import { bench, Number_, planIn, reasonsOf, runIn, statuses, study, type Body } from "./support.ts"

vi.mock("../../compute/processor.ts", async (original) => ({
  ...(await original<object>()),
  fusedMultiplyAdd: vi.fn()
}))

const onProcessor = (answer: ReturnType<typeof fusedMultiplyAdd>): void =>
  void vi.mocked(fusedMultiplyAdd).mockReturnValue(answer)
beforeEach(() => onProcessor("fused"))

const stage = (name: string, declared: { readonly compute?: boolean; readonly kernels?: boolean }) =>
  Stage.make(`test/${name}`, {
    description: "A number.",
    // A module that reaches nothing: what these stages are is not in question.
    source: new URL("../../schemas/sparseFault.ts", import.meta.url).href,
    params: Schema.Struct({}),
    inputs: {},
    outputs: { number: Number_ },
    ...declared,
    run: () => Effect.succeed({ number: 1 })
  })

const body: Body = function* (p) {
  yield* p.stage("none", stage("none", {}), {})
  yield* p.stage("compute", stage("compute", { compute: true }), {})
  yield* p.stage("kernels", stage("kernels", { kernels: true }), {})
  yield* p.stage("both", stage("both", { compute: true, kernels: true }), {})
}

it.effect("C31 - fused multiply-add counts for the stages whose kernels use it, and for no other", () =>
  Effect.gen(function* () {
    const folder = yield* bench
    const made = yield* study(body)
    yield* runIn(folder, made)
    const numerics = Object.fromEntries(
      (yield* planIn(folder, made)).nodes.map(({ node, components }) => [node.name, components!.numerics])
    )
    const kernels = { kernels: "float32 WebAssembly", fma: "fused" }
    assert.deepStrictEqual(numerics, {
      none: null,
      compute: { precision: "float64" },
      kernels,
      both: { ...kernels, precision: "float64" }
    })
    onProcessor("separate")
    const elsewhere = yield* planIn(folder, made)
    assert.deepStrictEqual(statuses(elsewhere), {
      none: "cached",
      compute: "cached",
      kernels: "run",
      both: "run"
    })
    assert.deepStrictEqual(reasonsOf(elsewhere, "kernels"), ["numerics: fma fused → separate"])
    yield* runIn(folder, made)
    onProcessor("fused")
    assert.strictEqual((yield* planIn(folder, made)).cached, 4)
  })
)

it.effect("C31 - a process that rounds otherwise than the fingerprint says does not run the node", () =>
  Effect.gen(function* () {
    const folder = yield* bench
    const made = yield* study(body)
    let asked = 0
    // The fingerprints are made first.
    vi.mocked(fusedMultiplyAdd).mockImplementation(() => (asked++ < 4 ? "fused" : "separate"))
    const { file } = yield* runIn(folder, made, { keepGoing: true })
    const ran = Object.entries(file.nodes).map(([name, { status }]) => [name, status])
    assert.deepStrictEqual(Object.fromEntries(ran), {
      none: "ran",
      compute: "ran",
      kernels: "failed",
      both: "failed"
    })
  })
)
