import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hostsOfMachine, openCommuneCa, type CommuneCa } from "../../src/identity/commune-ca.ts";
import { Fault } from "../../src/kernel/faults.ts";
import { DAY_MS } from "../../src/kernel/time.ts";
import { runProcess } from "../../src/media/process.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog } from "../support/recording-log.ts";

const NOW = Date.UTC(2026, 9, 1);
const HOSTS = ["localhost", "tienglang.local", "127.0.0.1", "::1", "192.168.1.10"];
const signal = AbortSignal.timeout(60_000);

let dir: string;
let clock: FakeClock;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "ca-"));
  clock = new FakeClock(NOW);
});

afterEach(() => rm(dir, { recursive: true }));

function openHere(): Promise<CommuneCa> {
  return openCommuneCa({ dir, communeName: "xã Hòa Bình", clock, log: new RecordingLog() });
}

function verify(...args: string[]): Promise<{ readonly stdout: Buffer }> {
  return runProcess({ command: "openssl", args: ["verify", ...args] }, signal);
}

test("openssl accepts the server certificate by the authority, for each name and address", async () => {
  await (await openHere()).serverCertificate(HOSTS);
  const [ca, leaf] = [join(dir, "ca.crt"), join(dir, "server.crt")];
  const strict = ["-x509_strict", "-purpose", "sslserver", "-CAfile", ca, "-attime", String(NOW / 1_000)];
  for (const name of ["localhost", "tienglang.local"]) {
    expect((await verify(...strict, "-verify_hostname", name, leaf)).stdout.toString()).toContain("OK");
  }
  for (const address of ["127.0.0.1", "::1", "192.168.1.10"]) {
    expect((await verify(...strict, "-verify_ip", address, leaf)).stdout.toString()).toContain("OK");
  }
  await expect(verify(...strict, "-verify_ip", "192.168.1.11", leaf)).rejects.toThrow(/mismatch/);
});

test("the server certificate can't sign another certificate, and the authority is no server", async () => {
  const ca = await openHere();
  const { certPem } = await ca.serverCertificate(HOSTS);
  expect(new X509Certificate(certPem).ca).toBe(false);
  expect(new X509Certificate(certPem).keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  const asText = await runProcess(
    { command: "openssl", args: ["x509", "-in", join(dir, "ca.crt"), "-noout", "-text"] },
    signal,
  );
  expect(asText.stdout.toString()).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
  expect(asText.stdout.toString()).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
});

test("a TLS client that trusts the authority reaches the server by its address", async () => {
  // A real handshake reads the machine's clock.
  clock = new FakeClock(Date.now());
  const ca = await openHere();
  const { certPem, keyPem } = await ca.serverCertificate(["localhost", "127.0.0.1"]);
  const server = createServer({ cert: certPem, key: keyPem, minVersion: "TLSv1.2" });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: "127.0.0.1", port, ca: ca.caPem });
  await once(socket, "secureConnect");
  expect(socket.authorized).toBe(true);
  socket.destroy();
  server.close();
});

test("keys are for their owner only", async () => {
  await (await openHere()).serverCertificate(HOSTS);
  const modes = await Promise.all(
    ["ca.key", "server.key"].map(async (name) => ((await stat(join(dir, name))).mode & 0o777).toString(8)),
  );
  expect(modes).toEqual(["600", "600"]);
});

test("lives ten years, its server certificate 800 days, both from ninety days ago", async () => {
  const ca = await openHere();
  const { certPem } = await ca.serverCertificate(HOSTS);
  const days = (pem: string): number[] => {
    const { validFromDate, validToDate } = new X509Certificate(pem);
    return [validFromDate, validToDate].map((date) => (date.getTime() - NOW) / DAY_MS);
  };
  expect(days(ca.caPem)).toEqual([-90, 3_562]);
  expect(days(certPem)).toEqual([-90, 710]);
});

test("a hall whose clock has lost the year still signs what is valid today", async () => {
  clock = new FakeClock(0);
  const ca = await openHere();
  expect(new X509Certificate(ca.caPem).validToDate.getTime()).toBeGreaterThan(Date.UTC(2035, 0));
});

test("the next start finds the same authority and the same server certificate", async () => {
  const first = await openHere();
  const served = await first.serverCertificate(HOSTS);
  const again = await openHere();
  expect(again.caFingerprint).toBe(first.caFingerprint);
  expect(await again.serverCertificate(HOSTS)).toEqual({ ...served, renewed: false });
});

test.each<[string, { days?: number; hosts?: string[]; renewed: boolean }]>([
  ["a new address", { hosts: [...HOSTS, "192.168.1.11"], renewed: true }],
  ["an address that is gone", { hosts: HOSTS.slice(0, -1), renewed: false }],
  ["61 days left", { days: 649, renewed: false }],
  ["59 days left", { days: 651, renewed: true }],
  ["a clock that was set right by years", { days: 2_000, renewed: true }],
])("the server certificate with %s", async (_name, { days = 0, hosts = HOSTS, renewed }) => {
  const ca = await openHere();
  const before = await ca.serverCertificate(HOSTS);
  clock.step(days * DAY_MS);
  const after = await ca.serverCertificate(hosts);
  expect(after.renewed).toBe(renewed);
  expect(after.certPem === before.certPem).toBe(!renewed);
});

test("serial numbers are random and positive", async () => {
  const ca = await openHere();
  const one = new X509Certificate((await ca.serverCertificate(["localhost"])).certPem);
  const two = new X509Certificate((await ca.serverCertificate(["other.local"])).certPem);
  expect(one.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
  expect(two.serialNumber).not.toBe(one.serialNumber);
});

test.each([
  ["a damaged certificate", "ca.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
  ["an empty certificate", "ca.crt", ""],
  ["a damaged key", "ca.key", "not a key"],
  ["a missing key", "ca.key", undefined],
])("an authority with %s is refused with the file and the remedy", async (_name, file, content) => {
  await openHere();
  if (content === undefined) await rm(join(dir, file));
  else await writeFile(join(dir, file), content);
  const failure = await openHere().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Fault);
  expect((failure as Fault).kind).toBe("corrupt");
  expect((failure as Fault).in("en")).toMatch(new RegExp(`${file}.*backup`, "s"));
  expect((failure as Fault).in("vi")).toMatch(new RegExp(`${file}.*sao lưu`, "s"));
});

test("a key of another authority is refused", async () => {
  await openHere();
  const other = await mkdtemp(join(tmpdir(), "ca-"));
  await openCommuneCa({ dir: other, communeName: "khác", clock, log: new RecordingLog() });
  await writeFile(join(dir, "ca.key"), await readFile(join(other, "ca.key")));
  await rm(other, { recursive: true });
  await expect(openHere()).rejects.toThrow(/not the key of ca.crt/);
});

test.each(["server.crt", "server.key"])("a damaged %s is made anew", async (file) => {
  const ca = await openHere();
  await ca.serverCertificate(HOSTS);
  await writeFile(join(dir, file), "damaged");
  expect((await ca.serverCertificate(HOSTS)).renewed).toBe(true);
  expect((await ca.serverCertificate(HOSTS)).renewed).toBe(false);
});

test("a power cut between the first key and its certificate costs nothing", async () => {
  await openHere();
  await rm(join(dir, "ca.crt"));
  expect((await openHere()).caPem).toContain("BEGIN CERTIFICATE");
});

test("names every address of the machine that a certificate can name", () => {
  const at = (address: string): { address: string } => ({ address });
  const interfaces = {
    lo: [at("127.0.0.1"), at("::1")],
    eth0: [at("192.168.1.10"), at("fe80::1"), at("fd00::10")],
  } as unknown as Parameters<typeof hostsOfMachine>[1];
  expect(hostsOfMachine("TiengLang.hall.lan", interfaces)).toEqual([
    "localhost",
    "tienglang",
    "tienglang.local",
    "tienglang.hall.lan",
    "127.0.0.1",
    "::1",
    "192.168.1.10",
    "fd00::10",
  ]);
  expect(hostsOfMachine("bad_name", {})).toEqual(["localhost", "127.0.0.1", "::1"]);
});
