/** What the progress view knows of a run: a fold over its events. */
import type { RunEvent } from "../../engine/run/events.ts"

export interface ActiveNode {
  readonly node: string
  readonly stage: string
  readonly since: number
  readonly expectedSeconds: number | null
  readonly done: number
  readonly total: number
  readonly note: string | null
  readonly waiting: boolean
}

export interface ProgressState {
  readonly run: string
  readonly pipeline: string
  readonly nodes: number
  readonly finished: number
  readonly failed: number
  readonly started: number
  /** Seconds of work that earlier runs predict for nodes not yet started; null where nothing is known. */
  readonly expectedSeconds: number | null
  readonly finishedSeconds: number
  readonly active: ReadonlyMap<string, ActiveNode>
}

export const initial: ProgressState = {
  run: "",
  pipeline: "",
  nodes: 0,
  finished: 0,
  failed: 0,
  started: 0,
  expectedSeconds: null,
  finishedSeconds: 0,
  active: new Map()
}

const without = (active: ProgressState["active"], node: string): ProgressState["active"] => {
  const rest = new Map(active)
  rest.delete(node)
  return rest
}

const updated = (state: ProgressState, node: string, change: Partial<ActiveNode>): ProgressState => {
  const current = state.active.get(node)
  return current === undefined
    ? state
    : { ...state, active: new Map(state.active).set(node, { ...current, ...change }) }
}

export const step = (state: ProgressState, event: RunEvent): ProgressState => {
  switch (event.type) {
    case "RunStarted":
      return {
        ...state,
        run: event.run,
        pipeline: event.pipeline,
        nodes: event.nodes,
        started: event.time,
        expectedSeconds: event.expectedSeconds
      }
    case "NodeCached":
    case "NodeCutOff":
      return { ...state, finished: state.finished + 1, active: without(state.active, event.node) }
    case "NodeStarted":
    case "NodeWaiting":
      return {
        ...state,
        active: new Map(state.active).set(event.node, {
          node: event.node,
          stage: event.stage,
          since: event.time,
          expectedSeconds: event.type === "NodeStarted" ? event.expectedSeconds : null,
          done: 0,
          total: 0,
          note: null,
          waiting: event.type === "NodeWaiting"
        })
      }
    case "NodeProgress":
      return updated(state, event.node, { done: event.done, total: event.total, note: event.note })
    case "NodeFinished":
      return {
        ...state,
        finished: state.finished + 1,
        finishedSeconds: state.finishedSeconds + event.seconds,
        active: without(state.active, event.node)
      }
    case "NodeFailed":
      return { ...state, failed: state.failed + 1, active: without(state.active, event.node) }
    case "NodeSkipped":
    case "NodeInterrupted":
    case "NodeRetrying":
      return { ...state, active: without(state.active, event.node) }
    default:
      return state
  }
}

/** Seconds a node still needs: by its own progress if it reports any, by its last time otherwise. */
export const remainingOf = (active: ActiveNode, now: number): number | null => {
  const elapsed = (now - active.since) / 1000
  if (active.total > 0 && active.done > 0)
    return (elapsed * Math.max(0, active.total - active.done)) / active.done
  return active.expectedSeconds === null ? null : Math.max(0, active.expectedSeconds - elapsed)
}
