/** A child process of a run: imports the program its parent compiled, without looking at the sources again. */
import { join } from "node:path"
import { pathToFileURL } from "node:url"

const { main } = await import(pathToFileURL(join(process.env.ASTERISM_PROGRAM, "program.mjs")).href)
await main(process.argv.slice(2))
