import type { Command } from "commander";
import { z } from "zod";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { CameraAnswer, factsOf, Finding, findingLines, Seen } from "./camera-answers.ts";
import { changeOf, passwordFor, reachOf, type CameraOptions } from "./camera-options.ts";
import type { CommandGroup, Run, Session } from "./command.ts";
import { table } from "./rules/table.ts";

export const cameraCommands: CommandGroup = (program, on) => {
  const camera = program.command("camera").description("cameras");
  addFinding(camera, on);
  addKeeping(camera, on);
  addTurning(camera, on);
};

/** A test that found something broken ends with this: scripts ask for it (EX_UNAVAILABLE of sysexits(3)). */
const EXIT_FOUND_BAD = 69;

function addFinding(camera: Command, on: Run): void {
  camera
    .command("discover [addresses...]")
    .description("look for cameras in the network; addresses behind a router are asked one by one")
    .action(
      on(async (session, addresses: string[]) => {
        const Found = z.object({
          host: z.string(),
          port: z.number(),
          name: z.string(),
          hardware: z.string(),
          camera: z.string().nullable(),
        });
        const api = await session.openApi();
        const schema = z.object({ found: z.array(Found) });
        const { found } = await api.send("POST", "/api/cameras/discover", { body: { addresses }, schema });
        session.answer(found, () =>
          found.length === 0
            ? [
                text(
                  "No camera answered. Is it powered and in this network? Many makes have ONVIF switched off: enable it, or add the camera by its address (tienglang camera add ADDRESS).",
                  "Không camera nào trả lời. Camera đã có nguồn và cùng mạng chưa? Nhiều hãng tắt sẵn ONVIF: hãy bật lên, hoặc thêm theo địa chỉ (tienglang camera add ĐỊA-CHỈ).",
                ),
              ]
            : table(
                found.map(({ host, port, name, hardware, camera: known }) => [
                  `${host}:${port}`,
                  hardware || "-",
                  known ?? "-",
                  name,
                ]),
              ),
        );
      }),
    );

  withReach(camera.command("probe <host>"))
    .description("look at a camera without adding it")
    .action(
      on(async (session, host: string, options: CameraOptions) => {
        const api = await session.openApi();
        const body = await reachOf(session, host, options);
        const seen = await api.send("POST", "/api/cameras/probe", { body, schema: Seen });
        tellFindings(session, seen);
      }),
    );

  camera
    .command("test <id>")
    .description("look at a camera that is kept, from the network to the picture, and say what is wrong")
    .action(
      on(async (session, id: string) => {
        const api = await session.openApi();
        tellFindings(session, await api.send("POST", `${pathOf(id)}/test`, { schema: Seen }));
      }),
    );
}

function addKeeping(camera: Command, on: Run): void {
  withSettings(withReach(camera.command("add <host>")))
    .option("--id <id>", "a-z, 0-9 and dash; made from the name when left out")
    .description("add a camera; its password comes from --password-stdin or $TIENGLANG_CAMERA_PASSWORD")
    .action(
      on(async (session, host: string, options: CameraOptions) => {
        const api = await session.openApi();
        const body = { ...(await reachOf(session, host, options)), ...changeOf(options) };
        const schema = z.object({ camera: CameraAnswer, findings: z.array(Finding) });
        const made = await api.send("POST", "/api/cameras", { body, schema });
        session.answer(made, () => [
          ...made.findings.flatMap((finding) => findingLines(finding)),
          text(
            `Camera ${made.camera.name} added, id ${made.camera.id}; it is being recorded.`,
            `Đã thêm camera ${made.camera.name}, mã ${made.camera.id}; bắt đầu ghi hình.`,
          ),
        ]);
      }),
    );

  camera.command("list").description("all cameras and how they are now").action(on(listCameras));

  camera
    .command("show <id>")
    .description("one camera")
    .action(
      on(async (session, id: string) => {
        const api = await session.openApi();
        const shown = await api.get(pathOf(id), CameraAnswer);
        session.answer(shown, () => table(factsOf(shown, session.lang)));
      }),
    );

  withSettings(camera.command("set <id>"))
    .option("--user <user>", "user of the camera")
    .option("--password-stdin", "read the camera's new password from standard input")
    .option("--stream <url>", "address of the recorded stream, rtsp://… without user and password")
    .option("--enabled <on|off>", "record it and show it")
    .description("change what is said of a camera; what is left out stays")
    .action(
      on(async (session, id: string, options: CameraOptions) => {
        const api = await session.openApi();
        const before = await api.get(pathOf(id), CameraAnswer);
        const body = {
          ...changeOf(options),
          ...(options.user !== undefined && { user: options.user }),
          ...(options.passwordStdin === true && { password: await passwordFor(session, options) }),
          ...(options.stream !== undefined && {
            streams: { ...before.streams, main: { ...before.streams.main, url: options.stream } },
          }),
        };
        if (Object.keys(body).length === 0) throw nothingSaid();
        const changed = await api.send("PUT", pathOf(id), { body, schema: CameraAnswer });
        session.answer(changed, () => [
          text(`Camera ${changed.name} changed.`, `Đã đổi camera ${changed.name}.`),
        ]);
      }),
    );

  camera
    .command("remove <id>")
    .description("remove a camera; its recordings stay until their time is over")
    .action(
      on(async (session, id: string) => {
        const api = await session.openApi();
        const removed = await api.send("DELETE", pathOf(id), { schema: z.unknown() });
        session.answer(removed, () => [
          text(
            `Camera ${id} removed; its recordings stay until their time is over.`,
            `Đã xóa camera ${id}; bản ghi vẫn được giữ đến hết hạn.`,
          ),
        ]);
      }),
    );
}

function addTurning(camera: Command, on: Run): void {
  camera
    .command("ptz <id> <order>")
    .description("left, right, up, down, in, out, stop, presets, or preset:TOKEN")
    .action(
      on(async (session, id: string, order: string) => {
        const api = await session.openApi();
        if (order === "presets") {
          const schema = z.object({ presets: z.array(z.object({ token: z.string(), name: z.string() })) });
          const { presets } = await api.get(`${pathOf(id)}/ptz/presets`, schema);
          session.answer(presets, () => table(presets.map(({ token, name }) => [token, name])));
          return;
        }
        const schema = z.object({ done: z.boolean() });
        const answer = await api.send("POST", `${pathOf(id)}/ptz`, { body: ptzOrder(order), schema });
        session.answer(answer, () => [
          answer.done
            ? text("Done.", "Đã thực hiện.")
            : text("This camera can't turn.", "Camera này không quay được."),
        ]);
      }),
    );
}

const MOVES: Readonly<Record<string, object>> = {
  left: { pan: -0.5 },
  right: { pan: 0.5 },
  up: { tilt: 0.5 },
  down: { tilt: -0.5 },
  in: { zoom: 0.5 },
  out: { zoom: -0.5 },
};

function ptzOrder(order: string): object {
  const move = MOVES[order];
  if (move !== undefined) return { action: "move", ...move };
  if (order === "stop") return { action: "stop" };
  if (order.startsWith("preset:")) return { action: "preset", token: order.slice("preset:".length) };
  throw new Fault(
    "invalid",
    text(`“${order}” is no order for a camera.`, `“${order}” không phải lệnh quay.`),
    {
      field: "order",
      hint: text(
        "Use left, right, up, down, in, out, stop, presets or preset:TOKEN.",
        "Dùng left, right, up, down, in, out, stop, presets hoặc preset:MÃ.",
      ),
    },
  );
}

function withReach(command: Command): Command {
  return command
    .option("--user <user>", "user of the camera's ONVIF", "admin")
    .option("--password-stdin", "read the camera's password from standard input")
    .option("--port <port>", "of ONVIF; the usual ones are tried when left out")
    .option("--profile <profile>", "its make (firmware-profiles/cameras); found by itself when left out")
    .option("--stream <url>", "for a camera without ONVIF: rtsp://… without user and password");
}

function withSettings(command: Command): Command {
  return command
    .option("--name <name>", "what people call it")
    .option("--place <place>", "where it hangs, in the words of the notice sign")
    .option("--purpose <sentence>", "why people are recorded here (law 91/2025/QH15, art. 32)")
    .option("--days <days>", "how long recordings are kept")
    .option("--reason <sentence>", "why they are kept so long")
    .option("--audio <on|off>", "record voice; the purpose has to say so")
    .option("--watch <roles...>", "who may see it: officer leader technician viewer")
    .option("--correct-clock <on|off>", "the controller may set the camera's clock");
}

async function listCameras(session: Session): Promise<void> {
  const api = await session.openApi();
  const { cameras } = await api.get("/api/cameras", z.object({ cameras: z.array(CameraAnswer) }));
  session.answer(cameras, () =>
    cameras.length === 0
      ? [
          text(
            "There is no camera yet: tienglang camera discover, then tienglang camera add.",
            "Chưa có camera nào: tienglang camera discover, rồi tienglang camera add.",
          ),
        ]
      : table(
          cameras.map(({ id, name, status, today, onvif, streams }) => [
            id,
            onvif?.host ?? new URL(streams.main.url).hostname,
            name,
            status.said[session.lang],
            today.said[session.lang],
          ]),
        ),
  );
}

function tellFindings(session: Session, seen: z.infer<typeof Seen>): void {
  session.answer(seen, () => seen.findings.flatMap((finding) => findingLines(finding)));
  if (seen.findings.some(({ outcome }) => outcome === "fail")) session.fail(EXIT_FOUND_BAD);
}

function nothingSaid(): Fault {
  return new Fault("invalid", text("Nothing was said to change.", "Chưa cho biết cần đổi gì."), {
    hint: text("See tienglang camera set --help.", "Xem tienglang camera set --help."),
  });
}

function pathOf(id: string): string {
  return `/api/cameras/${encodeURIComponent(id)}`;
}
