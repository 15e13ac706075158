/** A child process of a run: imports the program its parent compiled, without looking at the sources again. */
import { pathToFileURL } from "node:url"

const { main } = await import(pathToFileURL(process.env.ASTERISM_PROGRAM).href)
await main(process.argv.slice(2))
