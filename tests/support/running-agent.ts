import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAgent, type AgentParts } from "../../src/agent/agent.ts";
import type { AgentConfig } from "../../src/agent/config.ts";
import { openOutput } from "../../src/agent/output.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { readWavFile } from "../../src/media/wav.ts";
import { RecordingLog } from "./recording-log.ts";
import type { Sound } from "./sound.ts";
import type { ScriptedHall } from "./scripted-hall.ts";

interface AgentOptions {
  readonly changes?: Partial<AgentConfig>;
  readonly parts?: Partial<AgentParts>;
  /** Of an agent that ran before; otherwise a new one. */
  readonly dir?: string;
}

/** The whole agent inside the test's process, with the real ffmpeg and a WAV file for each airing. */
export class RunningAgent implements AsyncDisposable {
  readonly log = new RecordingLog();
  readonly dir: string;
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private readonly keepsDir: boolean;

  constructor(hall: ScriptedHall, { changes = {}, parts = {}, dir }: AgentOptions = {}) {
    this.keepsDir = dir !== undefined;
    this.dir = dir ?? mkdtempSync(join(tmpdir(), "agent-"));
    const config = hall.agentConfig(this.dir, changes);
    const clock = parts.clock ?? systemClock;
    const output = parts.output ?? openOutput(config.output, { clock, log: this.log });
    const all = { clock, log: this.log, random: () => 0, output, ...parts };
    this.running = runAgent(config, all, this.stopping.signal).finally(() => output[Symbol.asyncDispose]());
    this.running.catch(() => undefined);
  }

  /** Ends by itself only when it was told to start anew. */
  get ended(): Promise<void> {
    return this.running;
  }

  wav(airing: string): Int16Array {
    const file = join(this.dir, "wav", `${airing}.wav`);
    return existsSync(file) ? readWavFile(file) : new Int16Array(0);
  }

  /** Whether a sound's file is whole on the device. */
  has({ file }: Pick<Sound, "file">): boolean {
    return existsSync(join(this.dir, "audio", file.sha256));
  }

  /** As a power cut leaves it, but for what the program does in its last moment. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (!this.keepsDir) rmSync(this.dir, { recursive: true, force: true });
  }
}
