import { expect, test } from "vitest";
import { first, nodes, numberAt, textAt, type XmlNode } from "../../../src/cameras/rules/xml-node.ts";

const tree: XmlNode = {
  Profiles: [
    { "@token": "a", Name: " Main ", Encoder: { Width: "1920", Firmware: "5.10" } },
    { "@token": "b", Name: { "#text": "Sub", "@lang": "vi" }, Encoder: "" },
  ],
  Empty: "",
};

test("elements are found along a path, through lists", () => {
  expect(nodes(tree, "Profiles", "@token")).toEqual(["a", "b"]);
  expect(nodes(tree, "Profiles", "Encoder", "Width")).toEqual(["1920"]);
  expect(nodes(tree, "Nothing", "here")).toEqual([]);
  expect(nodes(undefined, "x")).toEqual([]);
  expect(first(tree, "Profiles")).toEqual({
    "@token": "a",
    Name: " Main ",
    Encoder: { Width: "1920", Firmware: "5.10" },
  });
});

test.each<[readonly string[], string]>([
  [["Profiles", "Name"], "Main"],
  [["Profiles", "Encoder", "Firmware"], "5.10"],
  [["Empty"], ""],
  [["Profiles", "Encoder"], ""],
  [["constructor"], ""],
  [["toString", "name"], ""],
])("text at %j is %j", (path, words) => expect(textAt(tree, ...path)).toBe(words));

test("text with attributes beside it is text", () => {
  expect(textAt({ Name: { "#text": "Sub", "@lang": "vi" } }, "Name")).toBe("Sub");
});

test.each<[XmlNode, number | undefined]>([
  ["1920", 1920],
  ["", undefined],
  ["many", undefined],
  ["1e999", undefined],
])("%j is the number %s", (node, number) => expect(numberAt(node)).toBe(number));
