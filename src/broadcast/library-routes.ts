import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Audit } from "../identity/audit.ts";
import { actorOf, allow, allowEveryRole } from "../identity/guard.ts";
import { untilGone } from "../identity/until-gone.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { epochMs } from "../kernel/time.ts";
import type { IngestProgress } from "../media/ingest.ts";
import type { Audio } from "./library-store.ts";
import type { Library } from "./library.ts";
import { sendAudioFile } from "./streams/audio-files.ts";

interface LibraryRoutesParts {
  readonly library: Library;
  readonly audit: Audit;
  /** Tells the pages how far an upload is. */
  readonly notify: (event: { readonly type: "upload"; readonly [field: string]: unknown }) => void;
}

const tags = ["library"];
const writers = allow("officer", "leader");

const Params = z.object({ id: z.string().min(1).max(60) });
const Name = z.string().trim().min(1).max(200);
const Measured = z.number().nullable();

const AudioWire = z.object({
  id: z.string(),
  name: z.string(),
  origin: z.enum(["upload", "speech", "chime"]),
  createdAt: z.int().describe("UTC milliseconds"),
  by: z.string().describe("Id of the user who brought it in"),
  durationMs: z.int(),
  sha256: z.string().describe("Of the canonical file: what an approval binds to"),
  files: z.array(z.object({ sha256: z.string(), bytes: z.int(), kbps: z.int(), sampleRateHz: z.int() })),
  loudness: z.object({
    beforeLufs: Measured.describe("Null where it can't be measured"),
    beforePeakDbtp: Measured,
    afterLufs: Measured,
    afterPeakDbtp: Measured,
  }),
  trimmedHeadMs: z.int().describe("Silence cut off at the beginning"),
  trimmedTailMs: z.int(),
  speech: z.object({ text: z.string(), readText: z.string(), voice: z.string() }).nullable(),
});

const ReadingWire = z.object({
  text: z.string().describe("The text as it was taken: composed letters, no invisible marks, no pictures"),
  readText: z.string().describe("What the voice says"),
  spans: z.array(
    z.object({
      from: z.int().describe("In `text`, UTF-16 units"),
      to: z.int(),
      readFrom: z.int().describe("Where `read` begins in `readText`"),
      original: z.string(),
      read: z.string(),
    }),
  ),
});

/** Long texts are refused by the library, which names its own limit. */
const Text = z.string().max(500_000);
const MOST_GLOSSARY_WORDS = 2_000;

const GlossaryWire = z.strictObject({
  words: z
    .record(z.string().trim().min(1).max(100), z.string().trim().min(1).max(300))
    .refine(
      (words) => Object.keys(words).length <= MOST_GLOSSARY_WORDS,
      `at most ${MOST_GLOSSARY_WORDS} words`,
    )
    .describe("How words of this commune are said, each exactly as it is written"),
});

function answerOf({ speech, ...audio }: Audio): z.infer<typeof AudioWire> {
  return { ...audio, files: [...audio.files], speech: speech ?? null };
}

/** The library: sounds in, sounds to listen to, how texts are read. */
export function libraryRoutes({ library, audit, notify }: LibraryRoutesParts): FastifyPluginAsyncZod {
  const recording = (request: FastifyRequest, action: string) => (audio: Audio) =>
    audit.record({
      actor: actorOf(request),
      action,
      subject: audio.id,
      details: { name: audio.name, sha256: audio.sha256, durationMs: audio.durationMs },
    });

  return (app) => {
    app.get(
      "/library",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "Sounds of the library, newest first",
          querystring: z.object({
            limit: z.coerce.number().int().min(1).max(200).default(50),
            before: z.coerce.number().int().optional().describe("UTC milliseconds: only older ones"),
          }),
          response: { 200: z.object({ audio: z.array(AudioWire) }) },
        },
      },
      ({ query: { limit, before } }) => {
        const page = before === undefined ? { limit } : { limit, before: epochMs(before) };
        return { audio: library.list(page).map(answerOf) };
      },
    );

    app.get(
      "/library/:id",
      {
        preHandler: allowEveryRole,
        schema: { tags, summary: "One sound", params: Params, response: { 200: AudioWire } },
      },
      ({ params: { id } }) => answerOf(existing(library, id)),
    );

    app.get(
      "/library/:id/audio",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "The sound itself, for listening (audio/mpeg, Range allowed)",
          params: Params,
          response: { 200: z.string().describe("The canonical MP3 file") },
        },
      },
      async (request, reply) => {
        const { sha256 } = existing(library, request.params.id);
        const path = library.pathOf(sha256);
        if (path === undefined) throw new Error(`audio ${request.params.id} has no file`);
        reply.hijack();
        await sendAudioFile(request.raw, reply.raw, { sha256, path });
      },
    );

    app.post(
      "/library",
      {
        preHandler: writers,
        schema: {
          tags,
          summary: "Upload a recording or a video with sound",
          description:
            "multipart/form-data with one file. It is checked, trimmed, brought to −16 LUFS and stored as MP3. " +
            "Progress comes as `upload` events when the query names the upload.",
          consumes: ["multipart/form-data"],
          querystring: z.object({
            name: Name.optional().describe("Instead of the file's name"),
            upload: z
              .string()
              .regex(/^[A-Za-z0-9-]{1,40}$/)
              .optional()
              .describe("The caller's own name of this upload, repeated in its progress events"),
          }),
          response: { 201: AudioWire },
        },
      },
      async (request, reply) => {
        const file = await request.file({ limits: { fileSize: library.limits.maxUploadBytes + 1 } });
        if (file === undefined) throw noFile();
        const { name, upload } = request.query;
        const audio = await library.addUpload(
          file.file,
          {
            name: name ?? shownName(file.filename),
            by: actorOf(request).id,
            alongside: recording(request, "library.upload"),
          },
          {
            signal: untilGone(reply),
            ...(upload === undefined ? {} : { onProgress: (progress) => tell(notify, upload, progress) }),
          },
        );
        return reply.code(201).send(answerOf(audio));
      },
    );

    app.post(
      "/library/speech",
      {
        preHandler: writers,
        schema: {
          tags,
          summary: "Have a text read aloud",
          body: z.strictObject({ text: Text, name: Name.optional(), voice: z.string().max(60).optional() }),
          response: { 201: AudioWire },
        },
      },
      async (request, reply) => {
        const { text: written, name, voice } = request.body;
        const audio = await library.addSpeech(
          {
            text: written,
            by: actorOf(request).id,
            alongside: recording(request, "library.speech"),
            ...(name === undefined ? {} : { name }),
            ...(voice === undefined ? {} : { voice }),
          },
          untilGone(reply),
        );
        return reply.code(201).send(answerOf(audio));
      },
    );

    app.post(
      "/library/read-text",
      {
        preHandler: writers,
        schema: {
          tags,
          summary: "How a text would be read, beside what is written",
          body: z.strictObject({ text: Text }),
          response: { 200: ReadingWire },
        },
      },
      ({ body }) => {
        const { text: taken, readText, spans } = library.readAloud(body.text);
        return { text: taken, readText, spans: [...spans] };
      },
    );

    app.get(
      "/library/voices",
      {
        preHandler: allowEveryRole,
        schema: {
          tags,
          summary: "Voices that can read aloud; the first is the usual one",
          response: { 200: z.object({ voices: z.array(z.object({ id: z.string(), name: z.string() })) }) },
        },
      },
      () => ({ voices: [...library.voices] }),
    );

    app.get(
      "/library/glossary",
      {
        preHandler: allowEveryRole,
        schema: { tags, summary: "How words of this commune are said", response: { 200: GlossaryWire } },
      },
      () => ({ words: library.glossary() }),
    );

    app.put(
      "/library/glossary",
      {
        preHandler: writers,
        schema: {
          tags,
          summary: "Replace the commune's words",
          body: GlossaryWire,
          response: { 200: GlossaryWire },
        },
      },
      (request) => {
        const { words } = request.body;
        const before = library.glossary();
        library.setGlossary(words, () =>
          audit.record({
            actor: actorOf(request),
            action: "glossary.set",
            subject: "",
            details: { before, after: words },
          }),
        );
        return { words: library.glossary() };
      },
    );
    return Promise.resolve();
  };
}

function existing(library: Library, id: string): Audio {
  const audio = library.get(id);
  if (audio !== undefined) return audio;
  throw new Fault(
    "not-found",
    text("There is no such sound in the library.", "Thư viện không có bản âm thanh này."),
    { field: "id" },
  );
}

/** Browsers send a bare name, other programs whole paths. */
function shownName(filename: string): string {
  const bare = filename.split(/[/\\]/).at(-1)?.normalize("NFC").trim() ?? "";
  return bare === "" ? "audio" : bare.slice(0, 200);
}

/** The browser knows itself how much it has sent. */
function tell(notify: LibraryRoutesParts["notify"], upload: string, progress: IngestProgress): void {
  if (progress.step !== "receiving") notify({ type: "upload", upload, ...progress });
}

function noFile(): Fault {
  return new Fault("invalid", text("The request holds no file.", "Yêu cầu không kèm tệp nào."), {
    field: "file",
    hint: text("Choose a file to upload.", "Hãy chọn tệp cần tải lên."),
  });
}
