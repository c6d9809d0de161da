import { expect, test } from "vitest";
import { localZone } from "../../../src/broadcast/rules/local-time.ts";
import { watchedCsv, watchedIn, type WatchedNote } from "../../../src/cameras/rules/watched.ts";
import { epochMs, HOUR_MS, MINUTE_MS } from "../../../src/kernel/time.ts";
import { GATE } from "../camera-house.ts";

const zone = localZone("Asia/Ho_Chi_Minh");
/** 09:00 in the commune. */
const NINE = Date.UTC(2026, 10, 23, 2, 0);
const SPAN = { from: epochMs(NINE), to: epochMs(NINE + HOUR_MS) };

function note(minute: number, action: string, details: object = {}, subject: string = GATE): WatchedNote {
  return {
    at: epochMs(NINE + minute * MINUTE_MS),
    actorId: "u-lan",
    actorName: "Lan",
    action,
    subject,
    details,
  };
}

function rows(notes: readonly WatchedNote[], ongoing: readonly string[] = []): string[] {
  return watchedIn(notes, { camera: GATE, span: SPAN, ongoing: new Set(ongoing), zone }).map(
    ({ at, act, said }) => `${(at - NINE) / MINUTE_MS} ${act}: ${said.vi}`,
  );
}

const piece = (from: number, to: number): object => ({
  from: NINE + from * MINUTE_MS,
  to: NINE + to * MINUTE_MS,
});

test.each<[string, readonly WatchedNote[], readonly string[]]>([
  [
    "start and end of a live watch are one row",
    [note(5, "camera.watch-start", { watch: "w" }), note(8, "camera.watch", { watch: "w", seconds: 184 })],
    ["5 live: xem trực tiếp 3 phút 04 giây"],
  ],
  [
    "an end alone tells when it began",
    [note(8, "camera.watch", { seconds: 60 })],
    ["7 live: xem trực tiếp 1 phút 00 giây"],
  ],
  [
    "a start without an end was cut off",
    [note(5, "camera.watch-start", { watch: "w" })],
    ["5 live: xem trực tiếp; không ghi được lúc kết thúc vì bộ điều khiển bị tắt"],
  ],
  [
    "a watch that reaches into the hour belongs to it",
    [note(-5, "camera.watch-start", { watch: "w" }), note(5, "camera.watch", { watch: "w", seconds: 600 })],
    ["-5 live: xem trực tiếp 10 phút 00 giây"],
  ],
  [
    "what was before the hour or after it does not",
    [
      note(-30, "camera.watch-start", { watch: "w" }),
      note(-5, "camera.watch", { watch: "w", seconds: 1_500 }),
      note(60, "camera.ptz"),
    ],
    [],
  ],
  [
    "both entries of one playback are one row with its longest tale",
    [
      note(10, "camera.playback", { watch: "p", spans: [piece(-60, -59)] }),
      note(20, "camera.playback", { watch: "p", spans: [piece(-60, -57), piece(-30, -29)] }),
    ],
    ["10 playback: xem lại 4 phút 00 giây: 23/11/2026 08:00–08:03, 23/11/2026 08:30–08:31"],
  ],
  [
    "clips and exports name the camera beside them",
    [
      note(1, "clip.download", { camera: GATE }, "clip-7"),
      note(2, "clip.download", { camera: "other" }, "clip-8"),
      note(3, "evidence.export", { camera: GATE }, "x-1"),
      note(4, "evidence.download", { camera: GATE }, "x-1"),
      note(5, "evidence.check"),
    ],
    ["4 export: tải gói bằng chứng về", "3 export: xuất bằng chứng", "1 clip: tải đoạn trích về"],
  ],
  [
    "refusals say what was tried",
    [note(1, "camera.refused", { act: "live" }), note(2, "camera.refused")],
    ["2 refused: bị từ chối: truy cập", "1 refused: bị từ chối: xem trực tiếp"],
  ],
  [
    "what nobody watched by is left out",
    [note(1, "camera.change"), note(2, "login", {}, ""), { ...note(3, "clip.remove"), actorId: "system" }],
    [],
  ],
])("%s", (_name, notes, expected) => {
  expect(rows(notes)).toEqual(expected);
});

test("a watch that goes on is said to, also when it began long before", () => {
  expect(rows([note(-300, "camera.watch-start", { watch: "w" })], ["w"])).toEqual([
    "0 live: đang xem trực tiếp",
  ]);
});

test("a name can't become a formula or another column in Excel", () => {
  const notes = [{ ...note(1, "camera.ptz"), actorName: '=HYPERLINK("x"),1' }];
  const [, line] = watchedCsv(
    watchedIn(notes, { camera: GATE, span: SPAN, ongoing: new Set(), zone }),
    zone,
  ).split("\r\n");
  expect(line).toBe('23/11/2026 09:01,"\'=HYPERLINK(""x""),1",Điều khiển,,điều khiển hướng quay,camera.ptz');
});
