import { expect, test } from "vitest";
import { streamTroubleIn } from "../../../src/media/rules/stream-trouble.ts";

test.each([
  ["[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized", "wrong-password"],
  ["rtsp://h/x: Server returned 403 Forbidden (access denied)", "wrong-password"],
  ["[rtsp @ 0x1] method SETUP failed: 461 Unsupported transport", "wrong-transport"],
  ["[rtsp @ 0x1] Nonmatching transport in server reply", "wrong-transport"],
  ["[rtsp @ 0x1] method DESCRIBE failed: 404 Not Found", "not-found"],
  ["[rtsp @ 0x1] method DESCRIBE failed: 503 Service Unavailable", "busy"],
  ["[rtsp @ 0x1] method SETUP failed: 453 Not Enough Bandwidth", "busy"],
  ["rtsp://h/x: Server returned 5XX Server Error reply", "busy"],
  ["[tcp @ 0x1] Connection to tcp://h:554 failed: Connection refused", "port-closed"],
  ["[tcp @ 0x1] Connection to tcp://h:554 failed: No route to host", "unreachable"],
  ["[tcp @ 0x1] Failed to resolve hostname camera: Name or service not known", "unreachable"],
  ["rtsp://h/x: Connection timed out", "silent"],
  ["[rtsp @ 0x1] Could not find codec parameters for stream 0", "no-video"],
  ["rtsp://h/x: Invalid data found when processing input", "not-rtsp"],
  ["", "not-rtsp"],
])("%j means %s", (words, trouble) => expect(streamTroubleIn(words)).toBe(trouble));
