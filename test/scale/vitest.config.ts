/** The long tests, which `npm test` leaves out: `npm run test:scale`. */
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import own from "../../vitest.config.ts"

export default defineConfig({
  ...own,
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    ...own.test,
    include: ["test/scale/**/*.test.ts"],
    exclude: [],
    testTimeout: 900_000,
    maxWorkers: 1
  }
})
