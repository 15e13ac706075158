/** The curve of a training: what was measured at each point, and whether it is time to stop. */
import type { Row } from "../../schemas/Table.ts"

export interface Measured {
  /** Mean squared error over rows and coordinates. */
  readonly loss: number
  /** 1 − Σ‖x − x̂‖² / Σ‖x − mean‖². */
  readonly explainedVariance: number
  /** Mean active features a row. */
  readonly active: number
}

type CurveRow = Row<{ series: "utf8"; step: "float64"; value: "float64?" }>

/** Collects the points; its whole state is one string, for checkpoints. */
export class Curve {
  private points: Array<readonly [series: string, step: number, value: number]> = []
  private best = Number.POSITIVE_INFINITY
  private withoutGain = 0
  private readonly patience: number

  constructor(patience: number) {
    this.patience = patience
  }

  add(step: number, trainingLoss: number, silent: number, measured: Measured): void {
    this.points.push(
      ["training loss", step, trainingLoss],
      ["validation loss", step, measured.loss],
      ["explained variance", step, measured.explainedVariance],
      ["L0", step, measured.active],
      ["dead fraction", step, silent]
    )
    if (measured.loss < this.best * 0.999) {
      this.best = measured.loss
      this.withoutGain = 0
    } else this.withoutGain += 1
  }

  /** The last value of a series; null without one, or where it is not finite. */
  last(series: string): number | null {
    const value = this.points.findLast(([name]) => name === series)?.[2]
    return value !== undefined && Number.isFinite(value) ? value : null
  }

  get stopped(): boolean {
    return this.patience > 0 && this.withoutGain >= this.patience
  }

  get state(): string {
    return JSON.stringify([this.points, Number.isFinite(this.best) ? this.best : null, this.withoutGain])
  }

  restore(state: string): void {
    const [points, best, withoutGain] = JSON.parse(state) as [typeof this.points, number | null, number]
    this.points = points
    this.best = best ?? Number.POSITIVE_INFINITY
    this.withoutGain = withoutGain
  }

  /** Rows by series, then step. */
  rows(): ReadonlyArray<CurveRow> {
    const names = [...new Set(this.points.map(([series]) => series))]
    return names.flatMap((name) =>
      this.points
        .filter(([series]) => series === name)
        .map(([series, step, value]) => ({ series, step, value: Number.isFinite(value) ? value : null }))
    )
  }
}
