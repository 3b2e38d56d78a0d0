// `node scenario.mjs URL [NAME…]`: run every scenario with @gradio/client, print the transcript.

import { Bench, CLIENT } from "./bench.mjs";
import * as calls from "./calls.mjs";
import * as cancels from "./cancels.mjs";
import * as errors from "./errors.mjs";
import * as files from "./files.mjs";
import * as messages from "./messages.mjs";
import * as sessions from "./sessions.mjs";
import * as states from "./states.mjs";
import * as streams from "./streams.mjs";

const [url, ...names] = process.argv.slice(2);
const bench = await Bench.open(url);
const transcript = { client: CLIENT, scenarios: {}, seconds: {} };

for (const theme of [calls, streams, messages, errors, sessions, states, cancels, files]) {
  for (const [name, scenario] of Object.entries(theme.scenarios)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const started = performance.now();
    try {
      transcript.scenarios[name] = await scenario(bench);
    } catch (error) {
      console.error(`in scenario ${name}:`, error);
      process.exit(1);
    }
    transcript.seconds[name] = Math.round(performance.now() - started) / 1000;
  }
}
// An erratum may leave a stream that never ends, so the process does not wait for all of them.
process.stdout.write(JSON.stringify(transcript), () => process.exit(0));
