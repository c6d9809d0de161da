/** An element as the parser leaves it: text, or children by name without prefix. Values are strings, never numbers. */
export type XmlNode = string | XmlElement | readonly XmlNode[];

export interface XmlElement {
  readonly [name: string]: XmlNode;
}

/** All elements of a name along a path, in order. Lists on the way are walked. */
export function nodes(from: XmlNode | undefined, ...path: readonly string[]): XmlNode[] {
  const [name, ...rest] = path;
  if (from === undefined) return [];
  if (isList(from)) return from.flatMap((node) => nodes(node, ...path));
  if (name === undefined) return [from];
  if (typeof from === "string") return [];
  return nodes(Object.hasOwn(from, name) ? from[name] : undefined, ...rest);
}

export function first(from: XmlNode | undefined, ...path: readonly string[]): XmlNode | undefined {
  return nodes(from, ...path)[0];
}

/** Text of the first element there, trimmed; empty when there is none. */
export function textAt(from: XmlNode | undefined, ...path: readonly string[]): string {
  const node = first(from, ...path);
  if (node === undefined || isList(node)) return "";
  if (typeof node === "string") return node.trim();
  const inner = Object.hasOwn(node, "#text") ? node["#text"] : undefined;
  return typeof inner === "string" ? inner.trim() : "";
}

/** A finite number written there; undefined when there is none. */
export function numberAt(from: XmlNode | undefined, ...path: readonly string[]): number | undefined {
  const said = textAt(from, ...path);
  const value = Number(said);
  return said === "" || !Number.isFinite(value) ? undefined : value;
}

function isList(node: XmlNode): node is readonly XmlNode[] {
  return Array.isArray(node);
}
