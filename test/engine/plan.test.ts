import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { planJson } from "../../engine/plan/render.ts"
import * as Stage from "../../engine/Stage.ts"
import {
  bench,
  constant,
  digests,
  Number_,
  objectFiles,
  planIn,
  reasonsOf,
  runIn,
  statuses,
  study,
  sum,
  type Bench,
  type Body,
  type Calls
} from "./support.ts"

/** a, b → total → final. */
const diamond = (calls: Calls, values: { readonly a?: number; readonly step?: number } = {}): Body =>
  function* (p) {
    const a = yield* p.stage("a", constant(calls), { params: { value: values.a ?? 10, label: "a" } })
    const b = yield* p.stage("b", constant(calls), { params: { value: 2, label: "b" } })
    const total = yield* p.stage("total", sum(calls), {
      inputs: { numbers: { a: a.number, b: b.number } },
      params: { step: values.step ?? 1, label: "total" }
    })
    yield* p.stage("final", sum(calls), {
      inputs: { numbers: { total: total.number } },
      params: { label: "final" }
    })
  }

/** Every file under a folder, with its content. */
const snapshot = (directory: string): { readonly [path: string]: string } =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(directory, path)).isFile())
      .map((path) => [path, readFileSync(join(directory, path), "utf8")])
  )

const declaring = (id: string, flags: { readonly random?: boolean; readonly compute?: boolean }) =>
  Stage.make(id, {
    description: "One.",
    source: import.meta.url,
    params: Schema.Struct({}),
    inputs: {},
    outputs: { number: Number_ },
    ...flags,
    captures: {},
    run: () => Effect.succeed({ number: 1 })
  })

const grouped: Body = function* (p) {
  yield* p.stage("views/a", constant({}), { params: { value: 5 } })
  yield* p.stage("views/b", constant({}), { params: { value: 6 } })
  yield* p.stage("alone", constant({}), { params: { value: 7 } })
}

const threeNeeds: Body = function* (p) {
  yield* p.stage("plain", declaring("test/plain", {}), {})
  yield* p.stage("random", declaring("test/random", { random: true }), {})
  yield* p.stage("compute", declaring("test/compute", { compute: true }), {})
}

describe("plan", () => {
  it.effect("C1: what was never run is a first run; what has a record and its outputs is cached", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const made = yield* study(diamond({}))
      const before = yield* planIn(folder, made)
      assert.deepStrictEqual(statuses(before), { a: "run", b: "run", total: "run", final: "run" })
      assert.deepStrictEqual(reasonsOf(before, "final"), ["first run"])
      yield* runIn(folder, made)
      const after = yield* planIn(folder, made)
      assert.deepStrictEqual(statuses(after), {
        a: "cached",
        b: "cached",
        total: "cached",
        final: "cached"
      })
      assert.strictEqual(after.cached, 4)
    })
  )

  it.effect("C10: planning writes nothing", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const made = yield* study(diamond({}))
      yield* runIn(folder, made)
      const before = snapshot(folder.store)
      yield* planIn(folder, yield* study(diamond({}, { a: 11 })))
      assert.deepStrictEqual(snapshot(folder.store), before)
    })
  )

  it.effect(
    "C10: a changed parameter is named with its old and new value, and what follows may be cut off",
    () =>
      Effect.gen(function* () {
        const folder = yield* bench
        yield* runIn(folder, yield* study(diamond({})))
        const planned = yield* planIn(folder, yield* study(diamond({}, { step: 20 })))
        assert.deepStrictEqual(statuses(planned), { a: "cached", b: "cached", total: "run", final: "run" })
        assert.deepStrictEqual(reasonsOf(planned, "total"), ["params: step 1 → 20"])
        assert.deepStrictEqual(reasonsOf(planned, "final"), ["inputs: total will run (may be cut off)"])
        assert.isTrue(planned.nodes[3]!.mayBeCutOff)
        const json = planJson(planned)
        assert.deepInclude(json.nodes[2]!.reasons[0], { component: "params", name: "step", from: 1, to: 20 })
        assert.strictEqual(json.pipeline, "test")
        assert.isNumber(json.nodes[2]!.expectedSeconds)
      })
  )

  it.effect("C10: a changed input is named by its producer with both digests", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      yield* runIn(folder, yield* study(diamond({})))
      // `a` with its new value alone: `total` sees a digest it was not last run with.
      yield* runIn(folder, yield* study(diamond({}, { a: 12 }), { until: "a" }))
      const planned = yield* planIn(folder, yield* study(diamond({}, { a: 12 })))
      assert.match(reasonsOf(planned, "total").join(), /^inputs: a [0-9a-f]{8} → [0-9a-f]{8}$/)
    })
  )

  it.effect("C4: an edited helper runs the stage that imports it, and the plan names the file", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const source = folder.file("stage.ts", 'import "./knn.ts"')
      folder.file("knn.ts", "export const k = 1")
      const body: Body = function* (p) {
        yield* p.stage("a", constant({}, source), {})
        yield* p.stage("b", declaring("test/b", {}), {})
      }
      yield* runIn(folder, yield* study(body))
      folder.file("knn.ts", "export const k = 1 // one")
      assert.strictEqual((yield* planIn(folder, yield* study(body))).cached, 2)
      folder.file("knn.ts", "export const k = 2")
      const planned = yield* planIn(folder, yield* study(body))
      assert.deepStrictEqual(statuses(planned), { a: "run", b: "cached" })
      assert.deepStrictEqual(reasonsOf(planned, "a"), ["code: knn.ts changed"])
      folder.file("stage.ts", 'import "./other.ts"')
      folder.file("other.ts", "export {}")
      assert.deepStrictEqual(reasonsOf(yield* planIn(folder, yield* study(body)), "a").toSorted(), [
        "code: knn.ts no longer used",
        "code: other.ts added",
        "code: stage.ts changed"
      ])
    })
  )

  it.effect("C5: a new version of an imported package is a reason", () =>
    Effect.gen(function* () {
      // Two checkouts that share a store: a process looks up a package's version once.
      const [folder, other] = [yield* bench, yield* bench]
      const body = ({ file }: Bench, version: string): Body => {
        file("node_modules/toy/package.json", JSON.stringify({ name: "toy", version }))
        file("node_modules/toy/index.js", "module.exports = 1")
        const source = file("stage.ts", 'import toy from "toy"\nexport const run = () => toy')
        return function* (p) {
          yield* p.stage("a", constant({}, source), {})
        }
      }
      yield* runIn(folder, yield* study(body(folder, "1.0.0")))
      const planned = yield* planIn({ ...other, store: folder.store }, yield* study(body(other, "1.0.1")))
      assert.deepStrictEqual(reasonsOf(planned, "a"), ["code: package toy 1.0.0 → 1.0.1"])
    })
  )

  it.effect("C6: a default left out and a default written out are the same", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      yield* runIn(
        folder,
        yield* study(function* (p) {
          yield* p.stage("a", constant({}), {})
        })
      )
      const planned = yield* planIn(
        folder,
        yield* study(function* (p) {
          yield* p.stage("a", constant({}), { params: { label: "constant", value: 1 } })
        })
      )
      assert.strictEqual(planned.cached, 1)
    })
  )

  it.effect("C2: the seed counts where a stage is random, numerics where it computes, and nowhere else", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      yield* runIn(folder, yield* study(threeNeeds))
      const reseeded = yield* planIn(folder, yield* study(threeNeeds, { seed: "1" }))
      assert.deepStrictEqual(statuses(reseeded), { plain: "cached", random: "run", compute: "cached" })
      assert.match(reasonsOf(reseeded, "random").join(), /^seed: [0-9a-f]{8} → [0-9a-f]{8}$/)
      const narrowed = yield* planIn(
        folder,
        yield* study(threeNeeds, { numerics: Effect.succeed({ precision: "float32" }) })
      )
      assert.deepStrictEqual(statuses(narrowed), { plain: "cached", random: "cached", compute: "run" })
      assert.deepStrictEqual(reasonsOf(narrowed, "compute"), ["numerics: precision float64 → float32"])
    })
  )

  it.effect("C10: a swapped stage is one reason", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const made = yield* study(diamond({}))
      yield* runIn(folder, made)
      const other = Stage.make("test/other", {
        description: "Zero.",
        source: import.meta.url,
        params: Schema.Struct({}),
        inputs: {},
        outputs: { number: Number_ },
        captures: {},
        run: () => Effect.succeed({ number: 0 })
      })
      const planned = yield* planIn(
        folder,
        yield* study(diamond({}), { overrides: { set: [], swap: [{ node: "a", stage: other }] } })
      )
      assert.deepStrictEqual(reasonsOf(planned, "a"), ["stage: test/constant → test/other"])
    })
  )

  it.effect("C16: a missing object is a reason, and what made it runs again", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const calls: Calls = {}
      const made = yield* study(diamond(calls))
      const { file } = yield* runIn(folder, made)
      const { digest } = file.nodes["total"]!.outputs!["number"]!
      rmSync(objectFiles(folder).find((path) => path.includes(digest))!)
      const planned = yield* planIn(folder, made)
      // `total` and `final` are the same number, hence the same object.
      assert.deepStrictEqual(reasonsOf(planned, "total"), [`outputs: object ${digest.slice(0, 8)} missing`])
      yield* runIn(folder, made)
      assert.strictEqual((yield* planIn(folder, made)).cached, 4)
      assert.deepStrictEqual(calls, { a: 1, b: 1, total: 2, final: 1 })
    })
  )

  it.effect("C19: --set on a group reaches every member that has the parameter, and runs only those", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      yield* runIn(folder, yield* study(grouped))
      const planned = yield* planIn(
        folder,
        yield* study(grouped, {
          overrides: { set: [{ node: "views", param: "value", value: "9" }], swap: [] }
        })
      )
      assert.deepStrictEqual(statuses(planned), { "views/a": "run", "views/b": "run", alone: "cached" })
      assert.deepStrictEqual(reasonsOf(planned, "views/b"), ["params: value 6 → 9"])
    })
  )

  it.effect("C8: a new node changes no other node's fingerprint or digest", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const first = yield* runIn(folder, yield* study(diamond({})))
      const second = yield* runIn(
        folder,
        yield* study(function* (p) {
          yield* p.stage("new", constant({}), { params: { value: 99 } })
          yield* diamond({})(p, {}) as Generator<never, unknown, unknown>
        })
      )
      const { new: added, ...others } = digests(second)
      assert.isDefined(added)
      assert.deepStrictEqual(others, digests(first))
      assert.deepStrictEqual(second.file.counts, {
        cached: 4,
        cutOff: 0,
        ran: 1,
        failed: 0,
        skipped: 0,
        interrupted: 0
      })
    })
  )

  it.effect("--until plans a node or a group with what it needs, and a wrong name says so", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const planned = yield* planIn(folder, yield* study(diamond({}), { until: "total" }))
      assert.deepStrictEqual(Object.keys(statuses(planned)), ["a", "b", "total"])
      const error = yield* Effect.flip(planIn(folder, yield* study(diamond({}), { until: "totl" })))
      assert.include(String(error), "No node or group is named 'totl'")
    })
  )
})
