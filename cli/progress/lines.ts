/** One event a line, for logs and pipes. Progress within a node is left out: events.jsonl has it. */
import type { RunEvent } from "../../engine/run/events.ts"
import { duration, short } from "../output.ts"

/** The line of an event; undefined for events that a log does not need. */
export const eventLine = (event: RunEvent): string | undefined => {
  switch (event.type) {
    case "RunStarted":
      return `run ${event.run}: ${event.pipeline}, ${event.nodes} nodes, ${event.cached} cached${event.expectedSeconds === null ? "" : `, about ${duration(event.expectedSeconds)} of work`}`
    case "NodeStarted":
      return `${event.resumed ? "resume" : "start"}  ${event.node}  ${event.stage}${event.attempt > 1 ? `  attempt ${event.attempt}` : ""}`
    case "NodeFinished":
      return `done   ${event.node}  ${duration(event.seconds)}  ${Object.entries(event.outputs)
        .map(([name, digest]) => `${name} ${short(digest)}`)
        .join("  ")}`
    case "NodeCutOff":
      return `same   ${event.node}  its inputs are what they were: nothing to do`
    case "NodeWaiting":
      return `wait   ${event.node}  another run computes it`
    case "NodeRetrying":
      return `retry  ${event.node}  attempt ${event.attempt} failed: ${event.reason}`
    case "NodeRepairing":
      return `repair ${event.node}  a corrupt or missing input: ${event.producers.join(", ")} run again`
    case "NodeFailed":
      return `failed ${event.node}`
    case "NodeSkipped":
      return `skip   ${event.node}  ${event.because.length === 0 ? "the run stopped first" : `needs ${event.because.join(", ")}`}`
    case "NodeInterrupted":
      return `stop   ${event.node}  ${event.checkpointed ? "state saved" : "interrupted"}`
    case "RunStopping":
      return `${event.signal}: saving states and stopping; once more stops at once`
    case "RunFinished": {
      const { cached, cutOff, ran, failed, skipped, interrupted } = event.counts
      const parts = [
        `${cached + cutOff} cached`,
        `${ran} ran`,
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(skipped > 0 ? [`${skipped} skipped`] : []),
        ...(interrupted > 0 ? [`${interrupted} interrupted`] : [])
      ]
      return `${event.status} in ${duration(event.seconds)}: ${parts.join(", ")}`
    }
    case "NodeCached":
    case "NodeProgress":
      return undefined
  }
}
