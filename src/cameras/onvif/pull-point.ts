import { SECOND_MS } from "../../kernel/time.ts";
import type { PullOrder, PullPoint, Subscription } from "../events/pull-point.ts";
import { textAt } from "../rules/xml-node.ts";
import { referenceParameters } from "../rules/reference-parameters.ts";
import { escapeXml } from "./escape.ts";
import { DeviceFault } from "./faults.ts";
import type { Answer, Question, SoapClient } from "./soap-client.ts";

const EVENTS_NS = "http://www.onvif.org/ver10/events/wsdl";
const PULL_POINT = `${EVENTS_NS}/PullPointSubscription`;
const NOTIFICATION_NS = "http://docs.oasis-open.org/wsn/b-2";
const MANAGER = "http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager";

/** A camera answers some moments after the time it was given to wait. */
const PULL_MARGIN_MS = 5 * SECOND_MS;

/** How cameras say that they do not know a subscription (any more). */
const FORGOTTEN =
  /ResourceUnknown|Unknown(?:Pull|Subscription)|InvalidArgVal|NoSuch|not ?exist|expired|HTTP 404/i;

/** The event service behind `path`, as the event loop uses it. */
export function openPullPoint(client: SoapClient, path: string): PullPoint {
  return {
    subscribe: async (leaseMs, signal) => {
      const { xml, answer } = await client.ask(
        {
          path,
          action: `${EVENTS_NS}/EventPortType/CreatePullPointSubscriptionRequest`,
          header: actionHeader(`${EVENTS_NS}/EventPortType/CreatePullPointSubscriptionRequest`),
          body:
            `<CreatePullPointSubscription xmlns="${EVENTS_NS}"><InitialTerminationTime>${duration(leaseMs)}` +
            "</InitialTerminationTime></CreatePullPointSubscription>",
        },
        signal,
      );
      const announced = textAt(answer, "SubscriptionReference", "Address");
      return openSubscription(client, { announced, parameters: referenceParameters(xml), fallback: path });
    },
  };
}

interface Reference {
  /** As the camera wrote it; behind NAT only its path is of use, but the camera wants its own words back. */
  readonly announced: string;
  readonly parameters: string;
  readonly fallback: string;
}

function openSubscription(client: SoapClient, { announced, parameters, fallback }: Reference): Subscription {
  const path = URL.canParse(announced) ? pathOf(new URL(announced)) : fallback;
  const ask = async (
    order: { action: string; body: string; replyWithinMs?: number; waits?: boolean },
    signal: AbortSignal,
  ): Promise<Answer> => {
    const header = `${actionHeader(order.action)}<a:To s:mustUnderstand="1">${escapeXml(announced)}</a:To>${parameters}`;
    const question: Question = { path, header, ...order };
    try {
      return await client.ask(question, signal);
    } catch (error) {
      throw asForgotten(error, client);
    }
  };
  return {
    pull: async ({ waitMs, limit }: PullOrder, signal) => {
      try {
        const { xml } = await ask(
          {
            action: `${PULL_POINT}/PullMessagesRequest`,
            body:
              `<PullMessages xmlns="${EVENTS_NS}"><Timeout>${duration(waitMs)}</Timeout>` +
              `<MessageLimit>${limit}</MessageLimit></PullMessages>`,
            replyWithinMs: waitMs + PULL_MARGIN_MS,
            waits: true,
          },
          signal,
        );
        return xml;
      } catch (error) {
        if (error instanceof DeviceFault && error.trouble === "closed") return undefined;
        throw error;
      }
    },
    renew: async (leaseMs, signal) => {
      const body = `<Renew xmlns="${NOTIFICATION_NS}"><TerminationTime>${duration(leaseMs)}</TerminationTime></Renew>`;
      await ask({ action: `${MANAGER}/RenewRequest`, body }, signal);
    },
    synchronize: async (signal) => {
      const body = `<SetSynchronizationPoint xmlns="${EVENTS_NS}"/>`;
      await ask({ action: `${PULL_POINT}/SetSynchronizationPointRequest`, body }, signal);
    },
    unsubscribe: async (signal) => {
      await ask(
        { action: `${MANAGER}/UnsubscribeRequest`, body: `<Unsubscribe xmlns="${NOTIFICATION_NS}"/>` },
        signal,
      );
    },
  };
}

function asForgotten(error: unknown, { address }: SoapClient): unknown {
  if (!(error instanceof DeviceFault)) return error;
  const told = error.trouble === "refused" || error.trouble === "not-onvif";
  const detail = error.cause instanceof Error ? error.cause.message : "";
  if (!told || !FORGOTTEN.test(detail)) return error;
  return new DeviceFault("forgotten", `${address.host}:${address.port}`, detail);
}

function actionHeader(action: string): string {
  return `<a:Action s:mustUnderstand="1">${action}</a:Action>`;
}

function duration(ms: number): string {
  return `PT${Math.max(1, Math.round(ms / SECOND_MS))}S`;
}

function pathOf({ pathname, search }: URL): string {
  return `${pathname}${search}`;
}
