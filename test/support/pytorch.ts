/** The same training by us and by PyTorch, from the same start: what `bench:compute` times, at any size. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { compareGradients, lossDifference, trainBoth } from "../../bench/compute/agreement.ts"
import { contrastive, sae } from "../../bench/compute/cases.ts"
import type { Sizes } from "../../bench/compute/inputs.ts"
import { writeInputs } from "../../bench/compute/inputs.ts"
import type { Peer } from "../../bench/compute/peer.ts"
import { peerAbsent, startPeer } from "../../bench/compute/peer.ts"
import { makeOnnx } from "../../compute/backends/onnx/engine.ts"
import type { Engine } from "../../compute/Engine.ts"

const absent = peerAbsent()
if (absent !== undefined) console.warn(`skipped: ${absent}`)

/**
 * Declares the tests. Gradients must agree in every entry to 1e-4 of the parameter's largest, but for a share `beyond` of
 * them: where two activations of a row lie within rounding of each other, the two may keep different features.
 */
export const agreesWithPyTorch = (sizes: Sizes, steps: number, beyond: number): void => {
  describe.skipIf(absent !== undefined)(
    `against PyTorch${absent === undefined ? "" : ` (${absent})`}`,
    () => {
      const folder = mkdtempSync(join(tmpdir(), "asterism-pytorch-"))
      // One thread: on a busy machine PyTorch's threads wait for each other, spinning.
      const settings = { ...sizes, threads: 1, folder }
      let engine: Engine
      let peer: Peer
      beforeAll(async () => {
        writeInputs(settings)
        engine = await makeOnnx({ device: "cpu" })
        peer = await startPeer(settings)
      })
      afterAll(async () => {
        peer?.close()
        await engine?.close()
        rmSync(folder, { recursive: true, force: true })
      })

      it.each([
        ["TopK autoencoder", sae, "sae-dense"],
        ["sigmoid contrastive loss", contrastive, "contrastive"]
      ] as const)(
        "%s: gradients, and the losses of a training from the same start",
        async (_, make, tool) => {
          const made = await make(engine, settings)
          const gradients = await compareGradients(made, peer, tool, folder)
          expect(gradients).toHaveLength(4)
          for (const gradient of gradients) {
            if (!(gradient.beyond <= beyond)) throw new Error(JSON.stringify(gradient))
          }
          const { ours, theirs } = await trainBoth(made, peer, tool, steps)
          expect(ours).toHaveLength(steps)
          // It learns: agreement of what stands still would show nothing.
          expect(ours.at(-1)!).toBeLessThan(0.9 * ours[0]!)
          expect(lossDifference(ours, theirs)).toBeLessThan(1e-3)
        }
      )
    }
  )
}
