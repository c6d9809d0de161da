import { z } from "zod";
import { text, type Text } from "../kernel/text.ts";
import type { CommandGroup } from "./command.ts";
import { percent, when } from "./when.ts";

const Said = z.object({ vi: z.string(), en: z.string() });

const Status = z.object({
  version: z.string(),
  at: z.number(),
  commune: z.string(),
  timeZone: z.string(),
  ready: z.boolean(),
  speakers: z.object({ total: z.number(), online: z.number(), playing: z.number() }),
  holdUntil: z.number().nullable(),
  problems: z.array(Said),
});

const OnAir = z.object({
  onAir: z.array(
    z.object({
      title: z.string(),
      endsAt: z.number(),
      speakersPlaying: z.number(),
      speakersTotal: z.number(),
    }),
  ),
  next: z.array(z.object({ title: z.string(), startsAt: z.number(), speakers: z.number() })),
});

const Log = z.object({
  airings: z.array(
    z.object({
      title: z.string(),
      plannedAt: z.number(),
      outcome: z.string(),
      proof: z.object({ speakersPlayed: z.number(), speakersTotal: z.number(), durationPercent: z.number() }),
      sentence: Said,
    }),
  ),
});

const LINES_OF_EACH = 5;

export const statusCommand: CommandGroup = (program, on) => {
  program
    .command("status")
    .description("what the loudspeakers do now, did last and do next")
    .action(
      on(async (session) => {
        const api = await session.openApi();
        const status = await api.get("/api/status", Status);
        const { onAir, next } = await api.get("/api/on-air", OnAir);
        const { airings } = await api.get("/api/airings", Log);
        const past = airings.filter(({ outcome }) => outcome !== "airing").slice(-LINES_OF_EACH);
        const clock = (at: number): string => when(at, status.timeZone);
        session.answer({ ...status, airing: onAir, next, past }, () => [
          `${status.commune} · tienglang ${status.version} · ${clock(status.at)} (${status.timeZone})`,
          speakersLine(status.speakers),
          ...(status.holdUntil === null ? [] : [held(clock(status.holdUntil))]),
          ...status.problems,
          ...onAir.map((airing) =>
            text(
              `On air: ${airing.title}, ${airing.speakersPlaying}/${airing.speakersTotal} loudspeakers, until ${clock(airing.endsAt)}`,
              `Đang phát: ${airing.title}, ${airing.speakersPlaying}/${airing.speakersTotal} cụm, đến ${clock(airing.endsAt)}`,
            ),
          ),
          ...past.map(({ title, plannedAt, proof, sentence }) => {
            const share = `${proof.speakersPlayed}/${proof.speakersTotal}, ${percent(proof.durationPercent, session.lang)}`;
            return `${clock(plannedAt)}  ${title}  (${share})  ${sentence[session.lang]}`;
          }),
          ...next
            .slice(0, LINES_OF_EACH)
            .map((airing) =>
              text(
                `Next: ${clock(airing.startsAt)} ${airing.title}, ${airing.speakers} loudspeakers`,
                `Sắp phát: ${clock(airing.startsAt)} ${airing.title}, ${airing.speakers} cụm`,
              ),
            ),
        ]);
      }),
    );
};

function speakersLine({ total, online, playing }: z.infer<typeof Status>["speakers"]): Text {
  return text(
    `Loudspeakers: ${online} of ${total} online, ${playing} playing`,
    `Cụm loa: ${online}/${total} trực tuyến, ${playing} đang phát`,
  );
}

function held(until: string): Text {
  return text(
    `All stopped: nothing sounds before ${until}.`,
    `Đã dừng toàn bộ: không phát gì trước ${until}.`,
  );
}
