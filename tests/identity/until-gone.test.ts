import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { untilGone } from "../../src/identity/until-gone.ts";
import { until } from "../support/until.ts";

let app: FastifyInstance;
let signals: AbortSignal[];
let answer: PromiseWithResolvers<string>;

beforeEach(async () => {
  signals = [];
  answer = Promise.withResolvers();
  app = Fastify();
  app.post("/work", (_request, reply) => {
    signals.push(untilGone(reply));
    return answer.promise;
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  answer.resolve("over");
  await app.close();
});

function ask(): ReturnType<typeof request> {
  const { port } = app.server.address() as AddressInfo;
  const asked = request({
    port,
    path: "/work",
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  // Whoever leaves is told so as well.
  asked.on("error", () => undefined);
  asked.end("{}");
  return asked;
}

test("a body that has come whole is no leaving", async () => {
  const answered = once(ask(), "response");
  await until("it is being worked on", () => signals.length === 1);
  // The end of the body and what follows from it come in turns of the loop; a second question is behind them.
  const second = ask();
  await until("another comes", () => signals.length === 2);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  second.destroy();
  answer.resolve("done");
  await answered;
});

test("who leaves before the answer stops the work", async () => {
  const asked = ask();
  await until("it is being worked on", () => signals.length === 1);
  asked.destroy();
  await until("the work is stopped", () => signals[0]?.aborted === true);
});
