import { readFileSync } from "node:fs";

/** The same frames that the Python tests decode and encode. */
export const golden = JSON.parse(readFileSync(new URL("../golden/frames.json", import.meta.url), "utf8"));
