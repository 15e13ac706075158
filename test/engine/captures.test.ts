/** C30: one id, one stage; what a factory captures is declared, and counts as its code does. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stage from "../../engine/Stage.ts"
import { bench, Number_, planIn, reasonsOf, runIn, study, type Body } from "./support.ts"

type Options = { readonly captures?: unknown; readonly id?: string; readonly source?: string }

const common = (options: Options) => ({
  description: "A number.",
  source: options.source ?? import.meta.url,
  params: Schema.Struct({}),
  inputs: {},
  outputs: { number: Number_ },
  ...("captures" in options ? { captures: options.captures as never } : {})
})

/** Every product of this factory is made at one place. */
const adding = (by: number, options: Options = { captures: { by } }) =>
  Stage.make(options.id ?? "test/adding", {
    ...common(options),
    run: () => Effect.succeed({ number: 1 + by })
  })

/** As `adding`, at another place. */
const subtracting = (by: number, options: Options = { captures: { by } }) =>
  Stage.make(options.id ?? "test/adding", {
    ...common(options),
    run: () => Effect.succeed({ number: 1 + by })
  })

const withRun = (run: () => Effect.Effect<{ readonly number: number }>) =>
  Stage.make("test/adding", { ...common({ captures: {} }), run })

type Made = ReturnType<typeof adding>

const both = (a: Made, b: Made, options?: Parameters<typeof study>[1]) =>
  study(function* (p) {
    yield* p.stage("a", a, {})
    yield* p.stage("b", b, {})
  }, options)

const only = (stage: Made): Body =>
  function* (p) {
    yield* p.stage("a", stage, {})
  }

const once = adding(1, {})
const elsewhere = "file:///somewhere/else.ts"

describe("one id, one stage", () => {
  const same: ReadonlyArray<readonly [name: string, a: Made, b: Made]> = [
    ["one object", once, once],
    ["a copy of it", once, { ...once }],
    ["a copy that runs apart", once, { ...once, isolated: true, resources: { cpu: 2 } }],
    ["what a factory makes twice, capturing the same", adding(2), adding(2)],
    [
      "with the captures in another order",
      adding(2, { captures: { a: 1, b: [2] } }),
      adding(2, { captures: { b: [2], a: 1 } })
    ],
    [
      "what a factory makes twice, capturing nothing",
      adding(2, { captures: {} }),
      adding(2, { captures: {} })
    ]
  ]
  for (const [name, a, b] of same)
    it.effect(`C30: ${name} may be used for two nodes`, () =>
      Effect.map(both(a, b), ({ graph }) => assert.strictEqual(graph.nodes.size, 2))
    )

  const different: ReadonlyArray<readonly [name: string, a: Made, b: Made, next: RegExp]> = [
    [
      "a factory's two products that declare nothing",
      adding(1, {}),
      adding(1, {}),
      /at the top level of its module.*`captures`/
    ],
    ["one that declares and one that does not", adding(1), adding(1, {}), /`captures`/],
    ["products with other captures", adding(1), adding(2), /parameter of the stage/],
    ["stages made at two places of a module", adding(1), subtracting(1), /id of its own/],
    [
      "stages of two modules",
      adding(1),
      adding(1, { captures: { by: 1 }, source: elsewhere }),
      /id of its own/
    ],
    [
      "products with other functions",
      withRun(() => Effect.succeed({ number: 1 })),
      withRun(() => Effect.succeed({ number: 2 })),
      /parameter/
    ],
    [
      "a copy that runs something else",
      once,
      { ...once, run: () => Effect.succeed({ number: 3 }) },
      /top level/
    ],
    ["a copy that reads a file", once, { ...once, files: () => ["v.txt"] }, /top level/]
  ]
  for (const [name, a, b, next] of different)
    it.effect(`C30: ${name} are refused under one id`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(both(a, b))
        assert.strictEqual(error._tag, "InputError")
        assert.strictEqual(error.what, "'a' and 'b' use two different stages under one id, test/adding.")
        assert.include(error.where, "captures.test.ts")
        if (b.source === elsewhere) assert.include(error.where, "'b': /somewhere/else.ts")
        assert.match(error.next!, next)
      })
    )

  it.effect("C30: a stage that is swapped in is held to it too, and may take an id over altogether", () =>
    Effect.gen(function* () {
      const other = adding(1, { source: elsewhere }) as Stage.Stage
      const swap = (...nodes: ReadonlyArray<string>) => ({
        overrides: { set: [], swap: nodes.map((node) => ({ node, stage: other })) }
      })
      const error = yield* Effect.flip(both(once, once, swap("b")))
      assert.include(error.message, "two different stages under one id")
      assert.strictEqual((yield* both(once, once, swap("a", "b"))).graph.nodes.size, 2)
    })
  )
})

describe("captures", () => {
  it.effect("C30: a changed capture runs the stage again, and is named", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const first = yield* runIn(folder, yield* study(only(adding(2))))
      assert.strictEqual((yield* planIn(folder, yield* study(only(adding(2))))).cached, 1)
      const changed = yield* study(only(adding(3)))
      assert.deepStrictEqual(reasonsOf(yield* planIn(folder, changed), "a"), ["captures: by 2 → 3"])
      const second = yield* runIn(folder, changed)
      assert.notDeepEqual(second.file.nodes["a"]!.outputs, first.file.nodes["a"]!.outputs)
      assert.strictEqual((yield* planIn(folder, yield* study(only(adding(2))))).cached, 1)
    })
  )

  it.effect("C30: an inner capture is named by its path, an odd name like any other", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const of = (captures: unknown) => study(only(adding(1, { captures })))
      yield* runIn(folder, yield* of({ adam: { rate: 0.1 }, constructor: "a" }))
      assert.deepStrictEqual(
        reasonsOf(yield* planIn(folder, yield* of({ adam: { rate: 0.2 }, toString: [1] })), "a").toSorted(),
        [
          "captures: adam.rate 0.1 → 0.2",
          "captures: constructor a → (none)",
          "captures: toString (none) → [1]"
        ]
      )
    })
  )

  it.effect("C30: to declare that nothing is captured changes no fingerprint", () =>
    Effect.gen(function* () {
      const folder = yield* bench
      const fingerprint = (captures: Options) =>
        Effect.map(
          Effect.flatMap(study(only(adding(1, captures))), (made) => planIn(folder, made)),
          ({ nodes }) => nodes[0]!.fingerprint
        )
      assert.strictEqual(yield* fingerprint({}), yield* fingerprint({ captures: {} }))
      assert.notStrictEqual(yield* fingerprint({}), yield* fingerprint({ captures: { by: 1 } }))
    })
  )

  const circle: { self?: unknown } = {}
  circle.self = circle
  const unfit: ReadonlyArray<readonly [value: unknown, says: string]> = [
    [Number.NaN, "captures.by is NaN"],
    [[1, [Infinity]], "captures.by[1][0] is Infinity"],
    [undefined, "captures.by is undefined"],
    [() => 1, "captures.by is a function"],
    [Symbol("s"), "captures.by is a symbol"],
    [1n, "captures.by is a bigint"],
    [new Map([["a", 1]]), "captures.by is no plain object but a Map"],
    [new Date(0), "captures.by is no plain object but a Date"],
    [{ inner: new Float32Array(2) }, "captures.by.inner is no plain object but a Float32Array"],
    // oxlint-disable-next-line no-sparse-arrays
    [[1, , 2], "captures.by[1] is undefined"],
    [circle, "captures.by.self contains itself"]
  ]
  for (const [by, says] of unfit)
    it.effect(`C30: bad input where ${says}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(study(only(adding(1, { captures: { by } }))))
        assert.strictEqual(error.what, `What stage test/adding captures cannot be stored: ${says}.`)
        assert.include(error.where, "node a, ")
      })
    )
})
