/** The pipelines that ship with Asterism, by name. Loaded when asked for: naming one costs nothing. */
export const pipelines: { readonly [name: string]: () => Promise<{ readonly default: unknown }> } = {}
