/** zstd in WebAssembly, started once a process: a second start would take the memory from under whoever uses the first. */
const once = <A>(load: () => Promise<A>): (() => Promise<A>) => {
  let loaded: Promise<A> | undefined
  return () => (loaded ??= load())
}

export const loadZstd = once(async () => {
  const zstd = await import("@bokuweb/zstd-wasm")
  await zstd.init()
  return zstd
})
