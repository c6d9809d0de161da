/** Our broker, alone in a process: reports its port, then works until its parent goes. */
import { readFileSync } from "node:fs";
import { openEmbeddedBroker } from "../../src/broker/broker.ts";
import { hashDeviceSecret } from "../../src/broker/credentials.ts";
import { openPinoLog } from "../../src/kernel/pino-log.ts";
import { ALL, clientId, UP } from "./broker-wire.ts";

const [certFile = "", keyFile = "", secret = "", clients = "0"] = process.argv.slice(2);
const plenty = { perSec: 1e9, burst: 1e9 };
const broker = await openEmbeddedBroker({
  tls: {
    host: "127.0.0.1",
    port: 0,
    certPem: readFileSync(certFile, "utf8"),
    keyPem: readFileSync(keyFile, "utf8"),
  },
  plain: { host: "127.0.0.1", port: 0 },
  retainable: [],
  // The rations would end the bench; every other limit is as shipped.
  limits: { maxConnections: 5_000, connectionsPerAddress: plenty, packetsPerClient: plenty },
  log: openPinoLog("warn"),
});
const secretHash = hashDeviceSecret(secret);
await broker.setDevices(
  Array.from({ length: Number(clients) }, (_none, n) => ({
    id: clientId(n),
    secretHash,
    publish: [ALL, UP],
    subscribe: [ALL, UP],
  })),
);
process.once("disconnect", () => void broker[Symbol.asyncDispose]());
process.send?.({ port: broker.plainPort });
