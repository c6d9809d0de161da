import { describe, expect, test } from "vitest";
import { bestAddress, foundIn } from "../../../src/cameras/rules/probe-matches.ts";
import type { XmlNode } from "../../../src/cameras/rules/xml-node.ts";

const asked = new Set(["uuid:1"]);
const answer = (match: XmlNode, relatesTo = "uuid:1"): XmlNode => ({
  Envelope: { Header: { RelatesTo: relatesTo }, Body: { ProbeMatches: { ProbeMatch: match } } },
});
const match = {
  EndpointReference: { Address: "urn:uuid:x" },
  Types: "dn:NetworkVideoTransmitter",
  Scopes: "onvif://www.onvif.org/name/Qu%E1%BA%A7y%201 onvif://www.onvif.org/hardware/100%",
  XAddrs: "http://10.0.0.5/onvif/device_service http://[fe80::1]/onvif/device_service",
};

describe("an answer", () => {
  test("names a device, its name decoded, a bad escape left as it is", () => {
    expect(foundIn(answer(match), "192.168.1.64", asked)).toEqual([
      {
        endpoint: "urn:uuid:x",
        address: "192.168.1.64",
        xaddrs: ["http://10.0.0.5/onvif/device_service", "http://[fe80::1]/onvif/device_service"],
        name: "Quầy 1",
        hardware: "100%",
      },
    ]);
  });

  test.each<[string, XmlNode | undefined]>([
    ["that is no XML", undefined],
    ["to somebody else", answer(match, "uuid:2")],
    ["to nobody", answer(match, "")],
    ["of a printer", answer({ ...match, Types: "wprt:PrintDeviceType", Scopes: "" })],
    ["without a match", { Envelope: { Header: { RelatesTo: "uuid:1" }, Body: {} } }],
  ])("%s names none", (_name, envelope) => expect(foundIn(envelope, "h", asked)).toEqual([]));

  test("that adds urn: to our number is ours", () => {
    expect(foundIn(answer(match, "urn:uuid:1"), "h", asked)).toHaveLength(1);
  });

  test("with many matches is heard up to sixteen; without an address the sender's is taken", () => {
    const bare = { Types: "Device", XAddrs: "ftp://x javascript:1" };
    expect(foundIn(answer(Array<XmlNode>(100).fill(bare)), "h", asked)).toHaveLength(16);
    expect(foundIn(answer(bare), "192.168.1.64", asked)).toMatchObject([
      { endpoint: "192.168.1.64", xaddrs: ["http://192.168.1.64/onvif/device_service"], name: "" },
    ]);
  });
});

test.each([
  [
    ["http://192.168.1.64:8000/onvif/device_service"],
    { host: "192.168.1.64", port: 8_000, path: "/onvif/device_service" },
  ],
  [["http://10.0.0.5:81/x", "http://192.168.1.64/y"], { host: "192.168.1.64", port: 80, path: "/y" }],
  [["http://10.0.0.5:81/x"], { host: "192.168.1.64", port: 81, path: "/x" }],
  [[], { host: "192.168.1.64", port: 80, path: "/onvif/device_service" }],
])("of %j the sender's is best", (xaddrs, best) => expect(bestAddress(xaddrs, "192.168.1.64")).toEqual(best));
