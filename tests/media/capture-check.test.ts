import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkCapture } from "../../src/media/capture-check.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const never = new AbortController().signal;

test("the system's ffmpeg can record", async () => {
  await expect(checkCapture("ffmpeg", never)).resolves.toBeUndefined();
});

test.each([
  ["of version 4", "-allowed_media_types -stimeout -segment_format_options -drop_pkts_on_overflow"],
  ["built without RTSP", "Unknown format 'rtsp'."],
])("one %s is refused in words", async (_name, help) => {
  using folder = temporaryFolder();
  const program = join(folder.path, "ffmpeg");
  await writeFile(program, `#!/bin/sh\necho "${help}"\n`);
  await chmod(program, 0o755);
  await expect(checkCapture(program, never)).rejects.toMatchObject({
    kind: "unavailable",
    field: "media.ffmpeg",
    said: { vi: expect.stringContaining("không ghi hình được") },
  });
});
