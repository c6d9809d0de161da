import { z } from "zod";
import { text, type Lang, type Text } from "../kernel/text.ts";

const Sentence = z.object({ en: z.string(), vi: z.string() });

export const Finding = z.object({
  id: z.string(),
  outcome: z.enum(["ok", "warn", "fail"]),
  said: Sentence,
  remedy: Sentence.optional(),
});
type Finding = z.infer<typeof Finding>;

const Stream = z.looseObject({
  url: z.string(),
  codec: z.string(),
  widthPx: z.number(),
  heightPx: z.number(),
});

export const CameraAnswer = z.looseObject({
  id: z.string(),
  name: z.string(),
  place: z.string(),
  profile: z.string(),
  purpose: z.string(),
  retentionDays: z.number(),
  audio: z.boolean(),
  watchRoles: z.array(z.string()),
  onvif: z.looseObject({ host: z.string(), port: z.number() }).nullable(),
  streams: z.looseObject({ main: Stream, sub: Stream.nullable() }),
  identity: z.looseObject({
    manufacturer: z.string(),
    model: z.string(),
    firmware: z.string(),
    serial: z.string(),
  }),
  status: z.looseObject({ state: z.string(), said: Sentence }),
  picture: z.looseObject({ said: Sentence }),
  today: z.looseObject({ said: Sentence }),
  clockOffsetMs: z.number().nullable(),
});
type CameraAnswer = z.infer<typeof CameraAnswer>;

/** What was found by looking at a camera. */
export const Seen = z.looseObject({ findings: z.array(Finding) });

/** A camera's facts, name and value. */
export function factsOf(shown: CameraAnswer, lang: Lang): string[][] {
  const stream = ({ codec, widthPx, heightPx, url }: z.infer<typeof Stream>): string =>
    `${codec} ${widthPx}x${heightPx} ${url}`;
  const { manufacturer, model, firmware, serial } = shown.identity;
  const facts: [Text, string][] = [
    [text("id", "mã"), shown.id],
    [text("name", "tên"), shown.name],
    [text("place", "nơi đặt"), shown.place],
    [
      text("device", "thiết bị"),
      [manufacturer, model, firmware, serial].filter((word) => word !== "").join(" ") || "-",
    ],
    [text("profile", "hồ sơ"), shown.profile],
    [text("ONVIF", "ONVIF"), shown.onvif === null ? "-" : `${shown.onvif.host}:${shown.onvif.port}`],
    [text("main stream", "luồng chính"), stream(shown.streams.main)],
    [text("sub stream", "luồng phụ"), shown.streams.sub === null ? "-" : stream(shown.streams.sub)],
    [text("state", "trạng thái"), shown.status.said[lang]],
    [text("picture", "hình"), shown.picture.said[lang]],
    [text("today", "hôm nay"), shown.today.said[lang]],
    [
      text("clock", "đồng hồ"),
      shown.clockOffsetMs === null ? "-" : `${(shown.clockOffsetMs / 1_000).toFixed(1)} s`,
    ],
    [text("purpose", "mục đích"), shown.purpose],
    [text("kept", "lưu"), text(`${shown.retentionDays} days`, `${shown.retentionDays} ngày`)[lang]],
    [text("voice", "ghi tiếng"), shown.audio ? text("on", "có")[lang] : text("off", "không")[lang]],
    [text("may see it", "được xem"), shown.watchRoles.join(", ") || "-"],
  ];
  return facts.map(([name, value]) => [name[lang], value]);
}

const MARK: Record<Finding["outcome"], string> = { ok: "✓", warn: "!", fail: "✗" };

/** A finding, and what to do about it on a line of its own. */
export function findingLines({ outcome, said, remedy }: Finding): Text[] {
  const line = text(`${MARK[outcome]} ${said.en}`, `${MARK[outcome]} ${said.vi}`);
  return remedy === undefined ? [line] : [line, text(`    ${remedy.en}`, `    ${remedy.vi}`)];
}
