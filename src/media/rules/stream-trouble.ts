/** Why a stream did not open, by what can be done about it. */
export type StreamTrouble =
  | "wrong-password"
  | "not-found"
  | "wrong-transport"
  | "busy"
  | "port-closed"
  | "unreachable"
  | "silent"
  | "no-video"
  | "not-rtsp";

const WORDS: readonly (readonly [RegExp, StreamTrouble])[] = [
  [/\b40[13] (?:Unauthorized|Forbidden)|authorization failed|access denied/i, "wrong-password"],
  [/\b461\b|Nonmatching transport/i, "wrong-transport"],
  [/\b404\b|\b410 Gone|\b454\b|Stream Not Found/i, "not-found"],
  [/\b(?:453|503|5XX)\b/, "busy"],
  [/Connection refused/i, "port-closed"],
  [
    /No route to host|Network is unreachable|Host is down|Failed to resolve|Name or service not known/i,
    "unreachable",
  ],
  [/timed out|Timeout/i, "silent"],
  [/Could not find codec parameters|unspecified size|does not contain any stream/i, "no-video"],
];

/** What ffprobe's words about an address mean. */
export function streamTroubleIn(words: string): StreamTrouble {
  return WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? "not-rtsp";
}
