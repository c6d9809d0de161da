import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import { once } from "node:events";
import { asError, Fault } from "../kernel/faults.ts";
import { SECOND_MS } from "../kernel/time.ts";

interface HallHttpOptions {
  readonly audioUrl: string;
  readonly caPem: string;
  readonly id: string;
  readonly secret: string;
}

export interface HallResponse {
  readonly status: number;
  /** Of `Content-Range`; undefined when the whole is sent. */
  readonly fromByte: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The hall's files and streams. Every failure is a Fault; `signal` ends a request at any point. */
export interface HallHttp {
  get(path: string, fromByte: number, signal: AbortSignal): Promise<HallResponse>;
}

/** A line on which nothing comes for this long is dead. */
const SILENCE_MS = 15 * SECOND_MS;

export function newHallHttp({ audioUrl, caPem, id, secret }: HallHttpOptions): HallHttp {
  return {
    get: async (path, fromByte, signal) => {
      const options: RequestOptions = {
        ca: caPem,
        auth: `${id}:${secret}`,
        agent: false,
        timeout: SILENCE_MS,
        signal,
        headers: fromByte > 0 ? { range: `bytes=${fromByte}-` } : {},
      };
      const asked = request(new URL(path, audioUrl), options);
      asked.on("timeout", () => asked.destroy(new Error(`nothing came for ${SILENCE_MS / SECOND_MS} s`)));
      asked.end();
      try {
        const [response] = (await once(asked, "response")) as [IncomingMessage];
        return {
          status: response.statusCode ?? 0,
          fromByte: startOf(response.headers["content-range"]),
          body: bodyOf(response, path),
        };
      } catch (error) {
        throw unavailable(path, error);
      }
    },
  };
}

async function* bodyOf(response: IncomingMessage, path: string): AsyncGenerator<Uint8Array, void, void> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
  } catch (error) {
    throw unavailable(path, error);
  } finally {
    response.destroy();
  }
}

function startOf(contentRange: string | undefined): number | undefined {
  const match = /^bytes (\d+)-/.exec(contentRange ?? "");
  return match === null ? undefined : Number(match[1]);
}

function unavailable(path: string, error: unknown): Fault {
  return new Fault("unavailable", `the hall does not send ${path}: ${asError(error).message}`, {
    cause: error,
  });
}
