/** C29: an older result stands for the current one only where somebody vouches for what changed, and the record says so. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import type { Components, NodeRecord } from "../../artifacts/NodeRecord.ts"
import { Store } from "../../artifacts/Store.ts"
import { acceptedRecords } from "../../cli/accepted.ts"
import { acceptStudy, type AcceptOptions } from "../../engine/accept/acceptStudy.ts"
import { olderResults, whyNone } from "../../engine/accept/olderResult.ts"
import { planJson } from "../../engine/plan/render.ts"
import type { Study } from "../../engine/Study.ts"
import {
  bench,
  constant,
  digests,
  objectFiles,
  planIn,
  reasonsOf,
  runIn,
  services,
  statuses,
  study,
  sum,
  type Bench,
  type Body,
  type Calls
} from "./support.ts"

const commands = { plan: "asterism plan x", run: "asterism run x", list: "asterism list x" }

const acceptIn = (folder: Bench, made: Study, options: Partial<AcceptOptions> = {}) =>
  acceptStudy(made, {
    nodes: [],
    who: "ada@host",
    why: "only words",
    dryRun: false,
    commands,
    ...options
  }).pipe(Effect.provide(services(folder)))

const inStore = <A, E>(folder: Bench, use: (store: Store["Service"]) => Effect.Effect<A, E>) =>
  Effect.provide(Effect.flatMap(Store, use), services(folder))

/** a → total → end, all of them defined in a file that `edit` changes. */
const chain = (folder: Bench, calls: Calls, value = 1) => {
  let edits = 0
  const edit = (): string => folder.file("stage.ts", `export const edits = ${edits++}`)
  const source = edit()
  const made = (overrides: { readonly value?: number; readonly step?: number } = {}): Body =>
    function* (p) {
      const a = yield* p.stage("a", constant(calls, source), {
        params: { value: overrides.value ?? value, label: "a" }
      })
      const total = yield* p.stage("total", sum(calls, source), {
        inputs: { numbers: { a: a.number } },
        params: { step: overrides.step ?? 1, label: "total" }
      })
      yield* p.stage("group/end", sum(calls, source), {
        inputs: { numbers: { total: total.number } },
        params: { label: "end" }
      })
    }
  return { edit, made }
}

const names = (nodes: ReadonlyArray<{ readonly planned: { readonly node: { readonly name: string } } }>) =>
  nodes.map(({ planned }) => planned.node.name)

describe("accept", () => {
  it.effect("C29: after an edit everything is accepted in one go, and nothing runs", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const calls: Calls = {}
      const { edit, made } = chain(folder, calls)
      const body = yield* study(made())
      const before = yield* runIn(folder, body)
      const old = (yield* planIn(folder, body)).nodes.map(({ fingerprint }) => fingerprint)
      edit()
      assert.strictEqual((yield* planIn(folder, body)).run, 3)
      const result = yield* acceptIn(folder, body)
      assert.deepStrictEqual(names(result.accepted), ["a", "total", "group/end"])
      assert.deepStrictEqual(result.left, [])
      const planned = yield* planIn(folder, body)
      assert.strictEqual(planned.cached, 3)
      const [first] = planJson(planned).nodes
      assert.notStrictEqual(first!.fingerprint, old[0])
      assert.deepInclude(first!.accepted, { who: "ada@host", why: "only words", from: old[0]!, earlier: [] })
      assert.match(first!.accepted!.when, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
      assert.deepStrictEqual(
        first!.accepted!.differed.map(({ text }) => text),
        ["code: stage.ts changed"]
      )
      const after = yield* runIn(folder, body)
      assert.deepStrictEqual(calls, { a: 1, total: 1, end: 1 })
      assert.deepStrictEqual(digests(after), digests(before))
      assert.strictEqual(after.file.nodes["total"]!.accepted?.why, "only words")
      assert.isUndefined(before.file.nodes["total"]!.accepted)
      const records = yield* inStore(folder, (store) => store.records)
      assert.strictEqual(records.length, 6)
      const accepted = acceptedRecords(records)
      assert.deepStrictEqual(accepted.map(({ node }) => node).toSorted(), ["a", "group/end", "total"])
      const record = records.find(({ fingerprint }) => fingerprint === first!.fingerprint)!
      const origin = records.find(({ fingerprint }) => fingerprint === old[0])!
      assert.deepStrictEqual(
        [record.outputs, record.seconds, record.provenance, record.run],
        [origin.outputs, origin.seconds, origin.provenance, origin.run]
      )
    })
  )

  it.effect("C29: what a node is made of is no matter of opinion: it is left, and the rest accepted", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const { edit, made } = chain(folder, {})
      yield* runIn(folder, yield* study(made()))
      edit()
      const changed = yield* study(made({ step: 2 }))
      const { accepted, left } = yield* acceptIn(folder, changed)
      assert.deepStrictEqual(names(accepted), ["a"])
      assert.deepStrictEqual(
        left.map(({ planned, because }) => [planned.node.name, because]),
        [
          ["total", "params: step 1 → 2"],
          ["group/end", "its inputs are not known before 'total' has run or is accepted"]
        ]
      )
      assert.deepStrictEqual(statuses(yield* planIn(folder, changed)), {
        a: "cached",
        total: "run",
        "group/end": "run"
      })
    })
  )

  it.effect("C29: nodes that are named are accepted alone, all of them or none", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const { edit, made } = chain(folder, {})
      const body = yield* study(made())
      yield* runIn(folder, body)
      edit()
      const refused = yield* Effect.flip(acceptIn(folder, body, { nodes: ["a", "group"] }))
      assert.strictEqual(refused._tag, "InputError")
      assert.include(refused.message, "'group/end': its inputs are not known before 'total' has run")
      assert.strictEqual((yield* planIn(folder, body)).cached, 0)
      yield* acceptIn(folder, body, { nodes: ["a"] })
      assert.deepStrictEqual(statuses(yield* planIn(folder, body)), {
        a: "cached",
        total: "run",
        "group/end": "run"
      })
      yield* acceptIn(folder, body, { nodes: ["total", "group"] })
      assert.strictEqual((yield* planIn(folder, body)).cached, 3)
      const unknown = yield* Effect.flip(acceptIn(folder, body, { nodes: ["totl"] }))
      assert.include(unknown.message, "No node or group is named 'totl'")
    })
  )

  it.effect("C29: refused where there is nothing to accept, or nothing that could be", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const { made } = chain(folder, {})
      const body = yield* study(made())
      const never = yield* Effect.flip(acceptIn(folder, body))
      assert.include(never.message, "'a': it has no earlier result")
      assert.include(never.message, "Next: 'asterism run x' computes")
      yield* runIn(folder, body)
      const current = yield* Effect.flip(acceptIn(folder, body))
      assert.strictEqual(current._tag, "InputError")
      assert.include(current.message, "nothing to accept")
      assert.lengthOf(acceptedRecords(yield* inStore(folder, (store) => store.records)), 0)
    })
  )

  for (const [what, damage, says] of [
    ["missing", (path: string) => rmSync(path), /is not in the store any more/],
    ["shorter", (path: string) => writeFileSync(path, ""), /is damaged|not in the store/],
    [
      "other bytes of the same length",
      (path: string) => writeFileSync(path, readFileSync(path, "utf8").replace("7", "8")),
      /is damaged/
    ]
  ] as const)
    it.effect(`C29: outputs are read first: refused where they are ${what}`, () =>
      Effect.gen(function* () {
        const folder = yield* bench
        const { edit, made } = chain(folder, {}, 7)
        const body = yield* study(made())
        yield* runIn(folder, body)
        edit()
        // The three nodes make the same number, hence one object.
        const [object, ...others] = objectFiles(folder)
        assert.lengthOf(others, 0)
        damage(object!)
        const refused = yield* Effect.flip(acceptIn(folder, body))
        assert.match(refused.message, /'a': its earlier output 'number' \([0-9a-f]{8}\)/)
        assert.match(refused.message, says)
        assert.lengthOf(acceptedRecords(yield* inStore(folder, (store) => store.records)), 0)
      })
    )

  it.effect("C29: --dry-run says the same and writes nothing", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const { edit, made } = chain(folder, {})
      const body = yield* study(made())
      yield* runIn(folder, body)
      edit()
      const { accepted } = yield* acceptIn(folder, body, { dryRun: true })
      assert.lengthOf(accepted, 3)
      assert.strictEqual((yield* planIn(folder, body)).run, 3)
      assert.lengthOf(yield* inStore(folder, (store) => store.records), 3)
    })
  )

  it.live("C29: an acceptance of an acceptance keeps both", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const { edit, made } = chain(folder, {})
      const body = yield* study(made())
      yield* runIn(folder, body)
      const fingerprints = [(yield* planIn(folder, body)).nodes[0]!.fingerprint]
      for (const why of ["first", "second", "third"]) {
        edit()
        yield* acceptIn(folder, body, { why })
        fingerprints.push((yield* planIn(folder, body)).nodes[0]!.fingerprint)
      }
      const { accepted } = (yield* planIn(folder, body)).nodes[0]!
      const all = [accepted!, ...accepted!.earlier]
      assert.deepStrictEqual(
        all.map(({ why, from }) => [why, from]),
        [
          ["third", fingerprints[2]],
          ["second", fingerprints[1]],
          ["first", fingerprints[0]]
        ]
      )
    })
  )

  it.effect("C29: a result that is computed takes the place of the accepted one", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const calls: Calls = {}
      const { edit, made } = chain(folder, calls)
      const body = yield* study(made())
      yield* runIn(folder, body)
      edit()
      yield* acceptIn(folder, body)
      for (const path of objectFiles(folder)) rmSync(path)
      const { file } = yield* runIn(folder, body)
      assert.strictEqual(file.nodes["a"]!.status, "ran")
      assert.isUndefined(file.nodes["a"]!.accepted)
      assert.strictEqual(calls["a"], 2)
      assert.isNull((yield* planIn(folder, body)).nodes[0]!.accepted)
    })
  )

  it.effect("C29: of several results the newest that was made of the same things is taken", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const { edit, made } = chain(folder, {})
      const one = yield* study(made({ value: 1 }))
      const first = yield* runIn(folder, one)
      yield* runIn(folder, yield* study(made({ value: 2 })))
      edit()
      yield* acceptIn(folder, one)
      const after = yield* runIn(folder, one)
      assert.strictEqual(after.file.counts.cached, 3)
      assert.deepStrictEqual(digests(after), digests(first))
    })
  )

  it.live("C29: what follows an accepted node counts from it, and its next change is told from it", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const { edit, made } = chain(folder, {})
      const body = yield* study(made())
      yield* runIn(folder, body)
      edit()
      yield* acceptIn(folder, body)
      assert.deepStrictEqual(reasonsOf(yield* planIn(folder, yield* study(made({ step: 2 }))), "total"), [
        "params: step 1 → 2"
      ])
    })
  )

  it.effect("C29: what another run computes just now is not accepted", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const { edit, made } = chain(folder, {})
      const body = yield* study(made())
      yield* runIn(folder, body)
      edit()
      const { fingerprint } = (yield* planIn(folder, body)).nodes[0]!
      yield* inStore(folder, (store) =>
        Effect.scoped(
          Effect.gen(function* () {
            assert.isTrue(yield* store.lease(fingerprint!))
            const refused = yield* Effect.flip(acceptIn(folder, body))
            assert.include(refused.message, "'a' is being computed by another run")
            assert.isTrue(Option.isNone(yield* store.record(fingerprint!)))
          })
        )
      )
    })
  )
})

describe("what may be vouched for", () => {
  const base: Components = {
    stage: "s",
    code: { hash: "1", files: { "s.ts": "1" }, packages: {} },
    params: { k: 1 },
    inputs: { x: "a", "file:v.txt": "f" },
    seed: "0",
    numerics: { engine: "1" },
    format: { y: "table@1" }
  }
  const record = (components: Components): NodeRecord => ({
    fingerprint: "f",
    pipeline: "p",
    node: "n",
    run: "r",
    components,
    outputs: {},
    started: "",
    seconds: 1,
    provenance: {}
  })
  const code = { hash: "2", files: { "s.ts": "2" }, packages: {} }
  const cases: ReadonlyArray<readonly [change: Partial<Components>, may: boolean, text: string]> = [
    [{ code }, true, "code: s.ts changed"],
    [{ captures: { by: 2 } }, true, "captures: by (none) → 2"],
    [{ numerics: { engine: "2" } }, true, "numerics: engine 1 → 2"],
    [{ code: { ...base.code, hash: "2" } }, true, "code: the code is counted in another way"],
    [{}, true, "the fingerprint is made in another way"],
    [{ code, params: { k: 2 } }, false, "params: k 1 → 2"],
    [{ code, inputs: { x: "b", "file:v.txt": "f" } }, false, "inputs: x a → b"],
    [{ code, inputs: { x: "a", "file:v.txt": "g" } }, false, "inputs: file:v.txt f → g"],
    [{ code, seed: "1" }, false, "seed: 0 → 1"],
    [{ code, format: { y: "table@2" } }, false, "format: y table@1 → table@2"],
    [{ code, stage: "t" }, false, "stage: s → t"]
  ]
  for (const [change, may, text] of cases)
    it(`C29: ${may ? "taken" : "refused"}: ${text}`, () => {
      const to = { ...base, ...change }
      const found = olderResults([record(base)], to, {})
      assert.deepStrictEqual(
        found.flatMap(({ differed }) => differed.map((reason) => reason.text)),
        may ? [text] : []
      )
      if (!may) assert.strictEqual(whyNone([record(base)], to, {}), text)
    })
})
