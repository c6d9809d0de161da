const PARAMETERS =
  /<(?:[\w.-]+:)?ReferenceParameters\b[^>]*?(?:\/>|>([\s\S]*?)<\/(?:[\w.-]+:)?ReferenceParameters>)/u;

/** Enough for a subscription's number; more is no reference. */
const LIMIT_CHARS = 4_000;

/**
 * What a subscription's answer says under ReferenceParameters, ready to stand in the header of later questions, where
 * it belongs to the letter (WS-Addressing §2.1). Prefixes declared further up are declared again. Empty: nothing.
 */
export function referenceParameters(xml: string): string {
  const inner = PARAMETERS.exec(xml)?.[1]?.trim() ?? "";
  if (inner === "" || inner.length > LIMIT_CHARS) return "";
  const declared = new Map<string, string>();
  for (const [, prefix = "", uri = ""] of xml.matchAll(/xmlns:([\w.-]+)="([^"<]*)"/gu))
    declared.set(prefix, uri);
  return inner.replace(
    /<([\w.-]+):([\w.-]+)([^>]*)>/gu,
    (tag: string, prefix: string, name: string, rest: string) => {
      const uri = declared.get(prefix);
      const there = uri === undefined || rest.includes(`xmlns:${prefix}=`);
      return there ? tag : `<${prefix}:${name} xmlns:${prefix}="${uri}"${rest}>`;
    },
  );
}
