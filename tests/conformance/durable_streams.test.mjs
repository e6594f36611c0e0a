// The public suite against the server at STREAMS_URL. Run by run.py.
import { runConformanceTests } from "../js/node_modules/@durable-streams/server-conformance-tests/dist/index.js";

runConformanceTests({ baseUrl: process.env.STREAMS_URL, longPollTimeoutMs: 2000 });
