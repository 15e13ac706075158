#!/usr/bin/env node
/**
 * The `asterism` command. It runs the TypeScript sources: `load.mjs` bundles them once for each content and keeps the
 * bundle in a cache, so an edit takes effect at the next command and an unchanged checkout starts in about 0.2 s.
 */
import { checkNode } from "./check-node.mjs"
import { fail, load } from "./load.mjs"

checkNode()
const argv = process.argv.slice(2)
try {
  const { main } = await load(argv)
  await main(argv)
} catch (error) {
  fail(error)
}
