import { expect, test } from "vitest";
import { redacted } from "../../../src/media/rules/redact.ts";

test.each([
  ["rtsp://admin:secret1@10.0.0.2:554/h264: 401", "rtsp://***@10.0.0.2:554/h264: 401"],
  ["two: rtsp://a:b@h/x and http://c:d@i/", "two: rtsp://***@h/x and http://***@i/"],
  ["an @ left in the password: rtsp://admin:p@ss@host/x", "an @ left in the password: rtsp://***@host/x"],
  ["nothing to hide: rtsp://10.0.0.2/x?at=a@b", "nothing to hide: rtsp://10.0.0.2/x?at=a@b"],
  ["no address: user@host", "no address: user@host"],
])("%s", (line, expected) => expect(redacted(line)).toBe(expected));
