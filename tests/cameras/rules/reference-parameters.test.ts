import { expect, test } from "vitest";
import { referenceParameters } from "../../../src/cameras/rules/reference-parameters.ts";

test.each([
  ["nothing", "<a:Address>x</a:Address>", ""],
  ["an empty element", "<a:ReferenceParameters/>", ""],
  [
    "what declares its own name",
    '<a:ReferenceParameters><SubscriptionId xmlns="urn:axis">7</SubscriptionId></a:ReferenceParameters>',
    '<SubscriptionId xmlns="urn:axis">7</SubscriptionId>',
  ],
  [
    "a prefix declared further up",
    '<E xmlns:dom="urn:dom"><ReferenceParameters x="1"><dom:Id a="b">7</dom:Id></ReferenceParameters></E>',
    '<dom:Id xmlns:dom="urn:dom" a="b">7</dom:Id>',
  ],
  [
    "a prefix declared at the place",
    '<wsa:ReferenceParameters><d:Id xmlns:d="urn:d">7</d:Id></wsa:ReferenceParameters>',
    '<d:Id xmlns:d="urn:d">7</d:Id>',
  ],
  ["far too much", `<a:ReferenceParameters>${"x".repeat(5_000)}</a:ReferenceParameters>`, ""],
])("%s", (_name, xml, parameters) => expect(referenceParameters(xml)).toBe(parameters));
