import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import type { CommandGroup, Run, Session } from "./command.ts";
import { table } from "./rules/table.ts";

const Hamlet = z.object({ id: z.string(), name: z.string(), speakers: z.number() });

const Speaker = z.looseObject({
  id: z.string(),
  name: z.string(),
  hamlet: z.string(),
  profile: z.string(),
  presence: z.enum(["online", "offline", "unknown"]),
  address: z.string().nullable(),
});

const Provisioned = z.object({
  speaker: Speaker,
  provisioning: z.discriminatedUnion("transport", [
    z.object({
      transport: z.literal("native"),
      config: z.record(z.string(), z.unknown()),
      caPem: z.string(),
    }),
    z.object({ transport: z.literal("http-icy"), address: z.string() }),
  ]),
});
type Provisioned = z.infer<typeof Provisioned>;

interface SpeakerOptions {
  readonly hamlet: string;
  readonly profile?: string;
  readonly id?: string;
  readonly volume?: string;
  readonly out?: string;
}

const PRESENCE: Record<z.infer<typeof Speaker>["presence"], Text> = {
  online: text("online", "trực tuyến"),
  offline: text("offline", "mất kết nối"),
  unknown: text("not heard yet", "chưa thấy"),
};

export const deviceCommands: CommandGroup = (program, on) => {
  addHamlets(program, on);
  addSpeakers(program, on);
};

function addHamlets(program: Command, on: Run): void {
  const hamlet = program.command("hamlet").description("hamlets (thôn, tổ dân phố)");

  hamlet
    .command("add <name>")
    .description("add a hamlet; its id is made from the name unless --id is given")
    .option("--id <id>", "a-z, 0-9 and dash")
    .action(
      on(async (session, name: string, { id }: { id?: string }) => {
        const api = await session.openApi();
        const body = { name, ...(id !== undefined && { id }) };
        const made = await api.send("POST", "/api/hamlets", { body, schema: Hamlet });
        session.answer(made, () => [
          text(`Hamlet ${made.name} added, id ${made.id}.`, `Đã thêm ${made.name}, mã ${made.id}.`),
        ]);
      }),
    );

  hamlet
    .command("list")
    .description("all hamlets")
    .action(
      on(async (session) => {
        const api = await session.openApi();
        const { hamlets } = await api.get("/api/hamlets", z.object({ hamlets: z.array(Hamlet) }));
        session.answer(hamlets, () =>
          hamlets.length === 0
            ? [
                text(
                  "There is no hamlet yet: tienglang hamlet add.",
                  "Chưa có thôn nào: tienglang hamlet add.",
                ),
              ]
            : table(hamlets.map(({ id, name, speakers }) => [id, name, countOf(speakers)[session.lang]])),
        );
      }),
    );
}

function addSpeakers(program: Command, on: Run): void {
  const speaker = program.command("speaker").description("loudspeakers (cụm loa)");

  speaker
    .command("add <name>")
    .description("add a loudspeaker and show, once, what has to be put into the device")
    .requiredOption("--hamlet <id>", "where it stands")
    .option("--profile <profile>", "its make (firmware-profiles/speakers); native when left out")
    .option("--id <id>", "a-z, 0-9 and dash; made from the name when left out")
    .option("--volume <percent>", "0 to 100")
    .option("--out <folder>", "write the device's files there instead of showing them")
    .action(
      on(async (session, name: string, options: SpeakerOptions) => {
        const api = await session.openApi();
        const body = bodyOf(name, options);
        const made = await api.send("POST", "/api/speakers", { body, schema: Provisioned });
        const shown = options.out === undefined ? shownFor(made) : await written(made, options.out);
        session.answer(made, () => [
          text(
            `Loudspeaker ${made.speaker.name} added, id ${made.speaker.id}.`,
            `Đã thêm cụm loa ${made.speaker.name}, mã ${made.speaker.id}.`,
          ),
          ...shown,
        ]);
      }),
    );

  speaker.command("list").description("all loudspeakers and how they are now").action(on(listSpeakers));

  speaker
    .command("remove <id>")
    .description("remove a loudspeaker; its credential is void at once")
    .action(
      on(async (session, id: string) => {
        const api = await session.openApi();
        const removed = await api.send("DELETE", `/api/speakers/${encodeURIComponent(id)}`, {
          schema: z.unknown(),
        });
        session.answer(removed, () => [text(`Loudspeaker ${id} removed.`, `Đã xóa cụm loa ${id}.`)]);
      }),
    );
}

async function listSpeakers(session: Session): Promise<void> {
  const api = await session.openApi();
  const { speakers } = await api.get("/api/speakers", z.object({ speakers: z.array(Speaker) }));
  session.answer(speakers, () =>
    speakers.length === 0
      ? [
          text(
            "There is no loudspeaker yet: tienglang speaker add.",
            "Chưa có cụm loa nào: tienglang speaker add.",
          ),
        ]
      : table(
          speakers.map(({ id, name, hamlet, profile, presence, address }) => [
            id,
            PRESENCE[presence][session.lang],
            hamlet,
            profile,
            address ?? "-",
            name,
          ]),
        ),
  );
}

function bodyOf(name: string, { hamlet, profile, id, volume }: SpeakerOptions): object {
  const volumePercent = volume === undefined ? undefined : Number(volume);
  if (volumePercent !== undefined && !Number.isInteger(volumePercent)) {
    throw new Fault(
      "invalid",
      text(`"${volume ?? ""}" is not a percentage.`, `"${volume ?? ""}" không phải số phần trăm.`),
      {
        field: "volume",
      },
    );
  }
  return {
    name,
    hamlet,
    ...(profile !== undefined && { profile }),
    ...(id !== undefined && { id }),
    ...(volumePercent !== undefined && { volumePercent }),
  };
}

function shownFor({ provisioning }: Provisioned): (string | Text)[] {
  if (provisioning.transport === "http-icy") {
    return [
      text(`The radio box plays: ${provisioning.address}`, `Địa chỉ cho hộp phát: ${provisioning.address}`),
    ];
  }
  return [
    text("Its configuration (shown this once):", "Cấu hình của thiết bị (chỉ hiện lần này):"),
    JSON.stringify(provisioning.config, null, 2),
    provisioning.caPem.trim(),
  ];
}

/** Never over another device's files: their secret could not be shown again. */
async function written({ provisioning }: Provisioned, folder: string): Promise<Text[]> {
  await mkdir(folder, { recursive: true });
  const write = async (name: string, content: string): Promise<Text> => {
    const file = path.join(folder, name);
    await writeFile(file, content, { mode: 0o600, flag: "wx" });
    return text(`Written: ${file}`, `Đã ghi: ${file}`);
  };
  if (provisioning.transport === "http-icy") return [await write("address.txt", `${provisioning.address}\n`)];
  return [
    await write("agent.json", `${JSON.stringify(provisioning.config, null, 2)}\n`),
    await write("commune-ca.pem", provisioning.caPem),
  ];
}

function countOf(speakers: number): Text {
  return text(`${speakers} loudspeakers`, `${speakers} cụm loa`);
}
