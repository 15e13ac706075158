import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

// vitest 5 groups failures with Map.groupBy when it prints them, which Node 20 lacks (docs/architecture.md lists vitest
// among the packages outside their engines).
const maps = Map as { groupBy?: unknown }
maps.groupBy ??= <K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, Array<T>> => {
  const groups = new Map<K, Array<T>>()
  let index = 0
  for (const item of items) {
    const key = keyOf(item, index++)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return groups
}

export default defineConfig({
  resolve: { alias: { asterism: fileURLToPath(new URL("./index.ts", import.meta.url)) } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/crash/full/**", "test/scale/**", "test/slurm/**", "test/docs/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2
  }
})
