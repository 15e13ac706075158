/**
 * `asterism run <pipeline|file.ts>`: runs what is not cached. One run, or one for each point of `--sweep` and `--seeds`;
 * points share everything they have in common through the store.
 *
 * `--json`: one event a line (engine/run/events.ts), each with its run's id, then
 * `{type: "Result", runs: [{run, status, settings, seed, seconds, counts, report}], changedSources: [path]}`.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { availableParallelism, cpus, totalmem } from "node:os"
import { fileURLToPath } from "node:url"
import { local } from "../../engine/executors/local.ts"
import type { RunEvent } from "../../engine/run/events.ts"
import type { RunResult } from "../../engine/run/run.ts"
import { run as runStudy } from "../../engine/run/run.ts"
import { commandLine } from "../../engine/run/nextStep.ts"
import { withoutCredentials } from "../../schemas/credentials.ts"
import { InputError } from "../../schemas/errors.ts"
import { Json, coloured, storeRoot } from "../globals.ts"
import { bytes, columns, duration, line, put, write } from "../output.ts"
import { combinations, parseSweep, sweepFlag } from "../overrides.ts"
import { eventLine } from "../progress/lines.ts"
import { live } from "../progress/live.ts"
import { reportOf } from "../report.ts"
import { noteChangedSources } from "../changedSources.ts"
import { codeLayer, withStore } from "../services.ts"
import type { StudyRequest } from "../study.ts"
import { makeStudy, studyFlags, studyRequest } from "../study.ts"
import { version } from "../version.ts"
import { json } from "../visible.ts"

const runFlags = {
  ...studyFlags,
  sweep: sweepFlag,
  seeds: Flag.Int("seeds").pipe(
    Flag.withDescription("run with this many seeds: --seed, --seed + 1, ..."),
    Flag.withDefault(1)
  ),
  jobs: Flag.Int("jobs").pipe(
    Flag.withAlias("j"),
    Flag.withDescription("how many nodes may run at once; default: the cores of this machine"),
    Flag.optional
  ),
  executor: Flag.Literals("executor", ["local", "slurm"]).pipe(Flag.withDefault("local" as const)),
  keepGoing: Flag.Boolean("keep-going").pipe(
    Flag.withDescription("after a failure, still run every node that does not need the failed one"),
    Flag.withDefault(false)
  )
}

/** One run of a sweep: what is set besides the command line, and the seed. */
interface Point {
  readonly settings: ReadonlyArray<string>
  readonly seed: string
}

/** The points of a sweep one after the other, and how many there are. */
const pointsOf = Effect.fn("pointsOf")(function* (sweep: ReadonlyArray<string>, seed: string, seeds: number) {
  if (seeds < 1)
    return yield* new InputError({
      what: `${seeds} seeds cannot be run.`,
      where: "--seeds",
      expected: "1 or more"
    })
  if (seeds > 1 && !/^-?\d+$/.test(seed)) {
    return yield* new InputError({
      what: `Seeds cannot be counted from '${seed}'.`,
      where: "--seed",
      expected: "a whole number with --seeds"
    })
  }
  const axes = yield* parseSweep(sweep)
  return {
    count: axes.reduce((product, axis) => product * axis.length, seeds),
    points: pointsFrom(axes, seed, seeds)
  }
})

/** Seeds are counted exactly, past 2^53 too. */
function* pointsFrom(
  axes: Effect.Success<ReturnType<typeof parseSweep>>,
  seed: string,
  seeds: number
): Generator<Point> {
  for (const combination of combinations(axes)) {
    const settings = combination.map(({ node, param, value }) => `${node}.${param}=${String(value)}`)
    for (let i = 0; i < seeds; i++)
      yield { settings, seed: seeds > 1 ? String(BigInt(seed) + BigInt(i)) : seed }
  }
}

const checkJobs = (jobs: Option.Option<number>): Effect.Effect<number, InputError> => {
  const count = Option.getOrElse(jobs, availableParallelism)
  return count >= 1
    ? Effect.succeed(count)
    : Effect.fail(
        new InputError({ what: `${count} jobs cannot be run.`, where: "--jobs", expected: "1 or more" })
      )
}

/** Where events go: JSON lines, a live table on a terminal, or one line each. */
const sink = (asJson: boolean) => {
  if (asJson) {
    return {
      onEvent: (event: RunEvent) => put(process.stdout, `${json(event)}\n`),
      stop: () => {}
    }
  }
  if (coloured(process.stderr)) return live(process.stderr)
  const onEvent = (event: RunEvent) => {
    const text = eventLine(event)
    if (text !== undefined) put(process.stderr, `${text}\n`)
  }
  return { onEvent, stop: () => {} }
}

/** The command line as it is recorded: an address loses its password. */
const typed = (): ReadonlyArray<string> => process.argv.slice(2).map((word) => withoutCredentials(word))

const machine = () => ({
  platform: `${process.platform} ${process.arch}`,
  cores: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
  memory: bytes(totalmem())
})

const runPoint = Effect.fn("runPoint")(function* (
  request: StudyRequest,
  options: { readonly jobs: number; readonly keepGoing: boolean; readonly asJson: boolean }
) {
  const study = yield* makeStudy(request)
  const root = yield* storeRoot
  const view = sink(options.asJson)
  const executor = local({
    jobs: options.jobs,
    ...(request.device === "cpu" ? {} : { gpus: 1 }),
    worker: {
      command: process.execPath,
      // The engine's flags can change how kernels round; a debugger's port is one process's own.
      args: [
        ...process.execArgv.filter((flag) => !flag.startsWith("--inspect")),
        fileURLToPath(new URL("../../bin/child.mjs", import.meta.url)),
        "__child"
      ],
      request: { study: request, root }
    }
  })
  const result = yield* runStudy(study, {
    executor,
    keepGoing: options.keepGoing,
    command: typed(),
    machine: machine(),
    versions: { asterism: version, node: process.versions.node },
    onEvent: view.onEvent
  }).pipe(Effect.ensuring(Effect.sync(view.stop)))
  const report = result.exitCode === 0 ? yield* reportOf(result.id, { onlyIfFigures: true }) : undefined
  return { result, report }
})

interface Ran {
  readonly point: Point
  readonly result: RunResult
  readonly report: string | undefined
}

const printFailures = (result: RunResult) =>
  Effect.forEach(
    result.failures,
    (failure) => write(process.stderr, `asterism: ${withoutCredentials(failure.message)}\n`),
    {
      discard: true
    }
  )

const summary = (ran: ReadonlyArray<Ran>): string =>
  columns([
    ["run", "status", "time", "ran", "settings"],
    ...ran.map(({ point, result }) => [
      result.id,
      result.file.status,
      duration(result.file.seconds ?? 0),
      String(result.file.counts.ran),
      [...point.settings, `seed=${point.seed}`].join(" ")
    ])
  ])

export const run = Command.make(
  "run",
  runFlags,
  Effect.fn("run")(function* (given) {
    if (given.executor === "slurm") {
      return yield* new InputError({
        what: "The slurm executor is not part of this version.",
        where: "--executor slurm",
        expected: "--executor local",
        next: "run on one machine; a run can be stopped and resumed at any time"
      })
    }
    const asJson = yield* Json
    const jobs = yield* checkJobs(given.jobs)
    const { count, points } = yield* pointsOf(given.sweep, given.seed, given.seeds)
    const ran: Array<Ran> = []
    for (const point of points) {
      const request = { ...studyRequest(given), seed: point.seed }
      const { result, report } = yield* withStore(
        runPoint(
          { ...request, set: [...request.set, ...point.settings] },
          { jobs, keepGoing: given.keepGoing, asJson }
        )
      )
      ran.push({ point, result, report })
      yield* printFailures(result)
      if (!asJson && report !== undefined) yield* line(`report: ${report}`)
      if (result.exitCode !== 0) process.exitCode = result.exitCode
      if (result.exitCode === 130 && !asJson)
        yield* write(process.stderr, `next: ${commandLine(typed())}  # it goes on from where it stopped\n`)
      if (result.exitCode === 130 || (result.exitCode !== 0 && !given.keepGoing)) break
    }
    const changedSources = yield* Effect.provide(noteChangedSources, codeLayer)
    if (asJson) {
      yield* line(
        json({
          type: "Result",
          changedSources,
          runs: ran.map(({ point, result, report }) => ({
            run: result.id,
            status: result.file.status,
            settings: point.settings,
            seed: point.seed,
            seconds: result.file.seconds,
            counts: result.file.counts,
            report: report ?? null
          }))
        })
      )
    } else if (count > 1) yield* line(summary(ran))
  })
).pipe(Command.withDescription("run what is not cached; stop it at any time, and run it again to go on"))
