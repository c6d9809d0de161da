/** The thread of the embedded broker: nothing of the hall waits for it, and its storms stall nobody else. */
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { asError } from "../kernel/faults.ts";
import { SECOND_MS } from "../kernel/time.ts";
import { ListenFailure, openDoor, type Door } from "./door.ts";
import { GuardedBroker } from "./guarded-broker.ts";
import type {
  BrokerMessage,
  NumberedRequest,
  WorkerOptions,
  WorkerReport,
  WorkerRequest,
} from "./messages.ts";
import { Meter } from "./meter.ts";
import { RefusalNotes } from "./refusal-notes.ts";

const SWEEP_EVERY_MS = SECOND_MS;

interface Running extends AsyncDisposable {
  readonly broker: GuardedBroker;
  readonly meter: Meter;
  readonly door: Door;
}

async function work(port: MessagePort, options: WorkerOptions): Promise<void> {
  const report = (words: WorkerReport): void => port.postMessage(words);
  let running: Running;
  try {
    running = await open(options, report);
  } catch (error) {
    report(notReady(asError(error), options));
    port.close();
    return;
  }
  port.on("message", ({ id, request }: NumberedRequest) => {
    if (request.type === "close") {
      void running[Symbol.asyncDispose]().then(() => port.close());
      return;
    }
    report({ type: "reply", id, ...answer(request, running) });
  });
  report({ type: "ready", tlsPort: running.door.tlsPort, plainPort: running.door.plainPort });
}

async function open(options: WorkerOptions, report: (words: WorkerReport) => void): Promise<Running> {
  await using opening = new AsyncDisposableStack();
  const meter = opening.use(new Meter());
  const notes = new RefusalNotes((level, fields, message) => report({ type: "log", level, fields, message }));
  const { limits, retainable } = options;
  const broker = opening.use(
    await GuardedBroker.open({ limits, retainable, meter, notes, received: inBatches(report) }),
  );
  const sweeping = setInterval(() => {
    notes.sweep(performance.now());
    broker.cutSlowReaders();
  }, SWEEP_EVERY_MS);
  opening.defer(() => clearInterval(sweeping));
  const door = opening.use(
    await openDoor(options, {
      limits,
      admit: (socket, address) => broker.admit(socket, address),
      refuse: (refusal, address) => broker.countRefusal(refusal, address),
    }),
  );
  const held = opening.move();
  return { broker, meter, door, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** What arrives in one turn of the event loop crosses to the other thread together. */
function inBatches(report: (words: WorkerReport) => void): (message: BrokerMessage) => void {
  let batch: BrokerMessage[] = [];
  return (message) => {
    if (batch.length === 0) {
      setImmediate(() => {
        report({ type: "messages", messages: batch });
        batch = [];
      });
    }
    batch.push(message);
  };
}

function answer(
  request: Exclude<WorkerRequest, { type: "close" }>,
  { broker, meter, door }: Running,
): Pick<Extract<WorkerReport, { type: "reply" }>, "metrics" | "failure"> {
  switch (request.type) {
    case "devices":
      broker.setDevices(request.devices);
      return {};
    case "publish":
      broker.publish(request.message);
      return {};
    case "metrics":
      return { metrics: meter.read(broker) };
    case "certificate":
      try {
        door.setCertificate(request.certificate);
        return {};
      } catch (error) {
        return { failure: asError(error).message };
      }
  }
}

function notReady(error: Error, options: WorkerOptions): WorkerReport {
  const at = error instanceof ListenFailure ? error.at : options.tls;
  const cause = error instanceof ListenFailure ? asError(error.cause) : error;
  const code = "code" in cause ? String(cause.code) : "";
  return { type: "not-ready", code, words: cause.message, at: { host: at.host, port: at.port } };
}

if (parentPort === null) throw new Error("broker-worker.ts runs as a worker thread only");
await work(parentPort, workerData as WorkerOptions);
