import type { XmlNode } from "../rules/xml-node.ts";

/** One SOAP question, with everything the thread needs to ask it. */
export interface SoapOrder {
  readonly host: string;
  readonly port: number;
  /** Path and query of the service. */
  readonly path: string;
  /** Full name of the action, for the HTTP header. */
  readonly action: string;
  /** What goes into the SOAP header beside the signature: addressing of pull points. */
  readonly header: string;
  readonly body: string;
  /** `digest`: no signature in the XML; the camera asks for one in HTTP. */
  readonly sign: "wsse" | "digest" | "none";
  readonly user: string;
  readonly password: string;
  /** The camera's time as we know it, ISO 8601 in UTC: the signature names it. */
  readonly createdAt: string;
  readonly replyWithinMs: number;
}

/** What went wrong, by what can be done about it. */
export type Trouble =
  | "unreachable"
  | "port-closed"
  | "silent"
  | "closed"
  | "not-onvif"
  | "oversized"
  | "garbage"
  | "wrong-password"
  | "refused";

export type SoapOutcome =
  | {
      readonly ok: true;
      readonly xml: string;
      /** First element of the SOAP body. */
      readonly answer: XmlNode;
      /** Its name, without prefix. */
      readonly name: string;
    }
  | {
      readonly ok: false;
      readonly trouble: Trouble;
      /** For logs: the camera's reason or the system's error. */
      readonly detail: string;
    };

export interface ProbeOrder {
  /** IPv4 addresses of our own interfaces to ask from; empty: the default route's. */
  readonly from: readonly string[];
  /** Where to ask: the multicast group, or single addresses (`host` or `host:port`) behind routers. */
  readonly to: readonly string[];
  readonly forMs: number;
}

/** A device that answered, as it describes itself. */
export interface Found {
  /** Its endpoint reference (`urn:uuid:…`). */
  readonly endpoint: string;
  /** Where the answer came from. */
  readonly address: string;
  readonly xaddrs: readonly string[];
  readonly name: string;
  readonly hardware: string;
}

export type ThreadAsk =
  | { readonly type: "soap"; readonly id: number; readonly order: SoapOrder }
  | { readonly type: "probe"; readonly id: number; readonly order: ProbeOrder }
  | { readonly type: "cancel"; readonly id: number };

export type ThreadAnswer =
  | { readonly type: "soap"; readonly id: number; readonly outcome: SoapOutcome }
  | {
      readonly type: "probe";
      readonly id: number;
      readonly found: readonly Found[];
      readonly error: string | null;
    };
