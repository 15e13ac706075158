/**
 * Between row-major vectors (modality, item, coordinate) and the kernels' layout (modality, coordinate, item) with items
 * padded by zeros to `stride`.
 */

/** Row-major → kernel layout; padding is set to 0. */
export const transposeIn = (
  rows: Float32Array,
  kernel: Float32Array,
  modalities: number,
  items: number,
  dims: number,
  stride: number
): void => {
  kernel.fill(0)
  for (let k = 0; k < modalities; k++) {
    for (let i = 0; i < items; i++) {
      for (let c = 0; c < dims; c++) {
        kernel[(k * dims + c) * stride + i] = rows[(k * items + i) * dims + c]
      }
    }
  }
}

/** Kernel layout → row-major. */
export const transposeOut = (
  kernel: Float32Array,
  rows: Float32Array,
  modalities: number,
  items: number,
  dims: number,
  stride: number
): void => {
  for (let k = 0; k < modalities; k++) {
    for (let i = 0; i < items; i++) {
      for (let c = 0; c < dims; c++) {
        rows[(k * items + i) * dims + c] = kernel[(k * dims + c) * stride + i]
      }
    }
  }
}
