/** Where a camera says something is, and where that is from here. */
export interface Rewritten {
  readonly url: string;
  /** The camera named another host: it sits behind NAT, or its address was changed since. */
  readonly announced: string | null;
}

/**
 * An address of a camera with the host by which we reached it: cameras announce the address they were given once.
 * Port, path and query stay; user and password are dropped. Undefined for what is no address of this kind.
 */
export function atReachedHost(
  announced: string,
  host: string,
  protocols: readonly string[],
): Rewritten | undefined {
  if (!URL.canParse(announced)) return undefined;
  const url = new URL(announced);
  if (!protocols.includes(url.protocol.replace(":", ""))) return undefined;
  const rest = /^[a-z]+:\/\/[^/?#]*(.*)$/iu.exec(announced)?.[1] ?? "";
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const port = url.port === "" ? "" : `:${url.port}`;
  return {
    url: `${url.protocol}//${shownHost}${port}${rest}`,
    announced: url.hostname === shownHost ? null : `${url.protocol}//${url.hostname}${port}${rest}`,
  };
}
