import { z } from "zod";
import { verifyPackage } from "../cameras/evidence/verifier/checks.ts";
import { filesAt, nodeTools } from "../cameras/evidence/verifier/folder.ts";
import { reportLines } from "../cameras/evidence/verifier/report.ts";
import { asError, EXIT_CODE, Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import { HOUR_MS } from "../kernel/time.ts";
import type { Api } from "./api.ts";
import type { CommandGroup } from "./command.ts";
import { table } from "./rules/table.ts";
import { HallClock, spanFrom, withSpan, type SpanOptions } from "./span-options.ts";
import { when } from "./when.ts";

const Key = z.object({ fingerprint: z.string(), publicKeyPem: z.string() });
const Heads = z.object({
  heads: z.array(z.object({ n: z.number(), at: z.number(), body: z.string(), signature: z.string() })),
});
const HeadsBody = z.object({
  heads: z.array(z.object({ camera: z.string(), n: z.number(), hash: z.string() })),
});
const Chain = z.object({
  whole: z.boolean(),
  count: z.number(),
  brokenAt: z.number().nullable(),
  headsChecked: z.number(),
  wrongHeads: z.array(z.number()),
  oldestAt: z.number().nullable(),
});
const Files = z.object({
  files: z.number(),
  bytes: z.number(),
  changed: z.array(z.string()),
  missing: z.array(z.string()),
  unlisted: z.array(z.string()),
});

export const evidenceCommands: CommandGroup = (program, on) => {
  const evidence = program.command("evidence").description("whether recordings are what they were");

  evidence
    .command("verify <path>")
    .description("check an evidence package (a zip, or its unpacked folder); needs no running tienglang")
    .action(
      on(async (session, path: string) => {
        const files = await filesAt(path).catch((error: unknown) => {
          throw notRead(path, asError(error));
        });
        const verdict = await verifyPackage(files, nodeTools);
        if (!verdict.whole) session.fail(EXIT_CODE.corrupt);
        session.answer(verdict, () => reportLines(verdict, session.lang));
      }),
    );

  evidence
    .command("heads")
    .description("the last signed heads of all chains, and the key that signs them")
    .option("--limit <count>", "how many", "5")
    .action(
      on(async (session, { limit }: { limit: string }) => {
        const api = await session.openApi();
        const { heads } = await api.get(`/api/evidence/heads?limit=${encodeURIComponent(limit)}`, Heads);
        const { fingerprint } = await api.get("/api/evidence/key", Key);
        const { timeZone } = await api.get("/api/status", HallClock);
        session.answer({ fingerprint, heads }, () => [
          text(`Key fingerprint: ${fingerprint}`, `Dấu vân tay khóa: ${fingerprint}`),
          ...table(
            heads.flatMap(({ n, at, body }) =>
              HeadsBody.parse(JSON.parse(body)).heads.map((head) => [
                String(n),
                when(at, timeZone),
                head.camera,
                String(head.n),
                head.hash,
              ]),
            ),
          ),
        ]);
      }),
    );

  withSpan(evidence.command("check <camera>"))
    .description("recompute a camera's chain and hash its recordings on the disk (all of them, or a stretch)")
    .action(
      on(async (session, camera: string, options: SpanOptions) => {
        const api = await session.openApi();
        const path = `/api/evidence/${encodeURIComponent(camera)}`;
        const chain = await api.get(`${path}/chain`, Chain);
        const files = await checkHours(api, path, await stretchOf(api, options, chain.oldestAt));
        const bad = files.changed.length + files.missing.length + files.unlisted.length;
        if (!chain.whole || bad > 0) session.fail(EXIT_CODE.corrupt);
        session.answer({ chain, files }, () => [...chainLines(chain), ...fileLines(files)]);
      }),
    );
};

async function stretchOf(
  api: Api,
  options: SpanOptions,
  oldestAt: number | null,
): Promise<{ from: number; to: number }> {
  if (options.from !== undefined || options.to !== undefined) return spanFrom(api, options);
  const { at } = await api.get("/api/status", HallClock);
  return { from: oldestAt ?? at, to: at };
}

async function checkHours(
  api: Api,
  path: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<z.infer<typeof Files>> {
  const all: z.infer<typeof Files> = { files: 0, bytes: 0, changed: [], missing: [], unlisted: [] };
  for (let at = from; at < to; at += HOUR_MS) {
    const part = await api.get(`${path}/files?from=${at}&to=${Math.min(at + HOUR_MS, to)}`, Files);
    all.files += part.files;
    all.bytes += part.bytes;
    all.changed.push(...part.changed);
    all.missing.push(...part.missing);
    all.unlisted.push(...part.unlisted);
  }
  return all;
}

function chainLines({ whole, count, brokenAt, headsChecked, wrongHeads }: z.infer<typeof Chain>): Text[] {
  if (whole) {
    return [
      text(
        `The chain is whole: ${count} entries, and it meets ${headsChecked} signed heads.`,
        `Chuỗi nhật ký nguyên vẹn: ${count} mục, khớp ${headsChecked} mốc đã ký.`,
      ),
    ];
  }
  const lines: Text[] = [];
  if (brokenAt !== null) {
    lines.push(text(`The chain is broken at entry ${brokenAt}.`, `Chuỗi nhật ký bị đứt ở mục ${brokenAt}.`));
  }
  if (wrongHeads.length > 0) {
    const listed = wrongHeads.join(", ");
    lines.push(
      text(
        `The chain does not meet the signed heads ${listed}.`,
        `Chuỗi nhật ký không khớp các mốc đã ký ${listed}.`,
      ),
    );
  }
  return lines;
}

function fileLines({ files, bytes, changed, missing, unlisted }: z.infer<typeof Files>): Text[] {
  const megabytes = (bytes / 1e6).toFixed(1);
  return [
    text(`Read: ${files} recordings, ${megabytes} MB.`, `Đã đọc: ${files} đoạn ghi, ${megabytes} MB.`),
    ...changed.map((path) => text(`Changed on the disk: ${path}`, `Bị thay đổi trên ổ đĩa: ${path}`)),
    ...missing.map((path) => text(`Missing on the disk: ${path}`, `Mất khỏi ổ đĩa: ${path}`)),
    ...unlisted.map((path) => text(`Not in the chain: ${path}`, `Không có trong chuỗi nhật ký: ${path}`)),
  ];
}

function notRead(path: string, cause: Error): Fault {
  return new Fault(
    "not-found",
    isMissing(cause)
      ? text(`There is no file ${path}.`, `Không có tệp ${path}.`)
      : text(
          `${path} can't be read as an evidence package (${cause.message}).`,
          `Không đọc được ${path}: không phải gói bằng chứng (${cause.message}).`,
        ),
    {
      field: "path",
      cause,
      hint: text(
        "Name the zip, or the folder it was unpacked into.",
        "Hãy chỉ ra tệp .zip hoặc thư mục đã giải nén.",
      ),
    },
  );
}

function isMissing(cause: Error): boolean {
  return "code" in cause && cause.code === "ENOENT";
}
