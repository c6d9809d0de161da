import "reflect-metadata";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { createPrivateKey, KeyObject, randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { isIP } from "node:net";
import type { NetworkInterfaceInfo } from "node:os";
import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { asError, Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { DAY_MS } from "../kernel/time.ts";

interface CommuneCaParts {
  /** Holds `ca.crt`, `ca.key`, `server.crt` and `server.key`. */
  readonly dir: string;
  /** Stands in the certificate that people import, so that they recognise it. */
  readonly communeName: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface ServerCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  /** Made by this call: listeners have to be told. */
  readonly renewed: boolean;
}

/** The commune's own certificate authority: what devices and office computers trust, without the Internet. */
export interface CommuneCa {
  readonly caPem: string;
  /** SHA-256 of the certificate as people compare it: `AB:CD:…`. */
  readonly caFingerprint: string;
  /**
   * The hall's certificate for these names and addresses: the one on disk while it covers all of them and has 60 days
   * left, else a new one. Names that are no longer asked for may stay in it until then.
   */
  serverCertificate(hosts: readonly string[]): Promise<ServerCertificate>;
}

const ECDSA_P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

const CA_LIFE_MS = 3_652 * DAY_MS;
/** From first to last day. Apple refuses server certificates of more than 825 days (support.apple.com/103769). */
const SERVER_LIFE_MS = 800 * DAY_MS;
const RENEW_BEFORE_MS = 60 * DAY_MS;
/** A device without a clock battery wakes up in the past; it must be let in before it can be told the time. */
const BACKDATED_MS = 90 * DAY_MS;
/** A hall without one too: what it signs must still be valid when its clock is right. */
const EARLIEST_PLAUSIBLE_MS = Date.UTC(2026, 0, 1);

/** Opens the authority, making it at the first start. Throws a Fault that names the file when one can't be used. */
export async function openCommuneCa(parts: CommuneCaParts): Promise<CommuneCa> {
  await mkdir(parts.dir, { recursive: true, mode: 0o700 });
  const authority = (await load(parts.dir)) ?? (await found(parts));
  return {
    caPem: authority.certPem,
    caFingerprint: authority.parsed.fingerprint256,
    serverCertificate: async (hosts) => {
      const kept = await usableServerCertificate(parts, authority, hosts);
      return kept ?? (await issueServerCertificate(parts, authority, hosts));
    },
  };
}

/** Every name and address under which devices and browsers may reach this machine. */
export function hostsOfMachine(
  hostname: string,
  interfaces: NodeJS.Dict<readonly NetworkInterfaceInfo[]>,
): string[] {
  const short = hostname.split(".")[0]?.toLowerCase() ?? "";
  const names = ["localhost", short, `${short}.local`, hostname.toLowerCase()];
  const addresses = Object.values(interfaces)
    .flatMap((table) => table ?? [])
    .map(({ address }) => address)
    // A link-local address means nothing without its interface, and a certificate can't name that.
    .filter((address) => !/^fe[89ab]/i.test(address));
  return [...new Set([...names.filter(isDnsName), "127.0.0.1", "::1", ...addresses])];
}

interface Authority {
  readonly certPem: string;
  readonly parsed: X509Certificate;
  readonly key: KeyObject;
}

/** Undefined at the first start. A key alone has signed nothing yet: the power failed before its certificate was written. */
async function load(dir: string): Promise<Authority | undefined> {
  const certFile = join(dir, "ca.crt");
  const keyFile = join(dir, "ca.key");
  const certPem = await readIfThere(certFile);
  if (certPem === undefined) return undefined;
  const keyPem = await readIfThere(keyFile);
  if (keyPem === undefined) throw unusable(keyFile, "it is missing");
  const parsed = parse(certFile, () => new X509Certificate(certPem));
  const key = parse(keyFile, () => createPrivateKey(keyPem));
  if (!parsed.checkPrivateKey(key)) throw unusable(keyFile, "it is not the key of ca.crt");
  return { certPem, parsed, key };
}

async function found({ dir, communeName, clock, log }: CommuneCaParts): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [`Tiếng Làng - ${communeName}`] }],
    ...validity(clock, CA_LIFE_MS),
    keys,
    signingAlgorithm: ECDSA_P256,
    extensions: [
      // Signs servers and devices directly, never another authority.
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const certPem = pemOf(certificate);
  const key = KeyObject.from(keys.privateKey);
  await save(dir, { key: "ca.key", cert: "ca.crt" }, { certPem, keyPem: pemOfKey(key) });
  const parsed = new X509Certificate(certPem);
  log.info({ fingerprint: parsed.fingerprint256 }, "made the commune's certificate authority");
  return { certPem, parsed, key };
}

async function usableServerCertificate(
  { dir, clock, log }: CommuneCaParts,
  authority: Authority,
  hosts: readonly string[],
): Promise<ServerCertificate | undefined> {
  const certPem = await readIfThere(join(dir, "server.crt"));
  const keyPem = await readIfThere(join(dir, "server.key"));
  if (certPem === undefined || keyPem === undefined) return undefined;
  try {
    const certificate = new X509Certificate(certPem);
    const reason = reasonToRenew(certificate, { hosts, authority, now: clock.now() });
    if (!certificate.checkPrivateKey(createPrivateKey(keyPem))) return undefined;
    if (reason === undefined) return { certPem, keyPem, renewed: false };
    log.info({ reason }, "renewing the server certificate");
  } catch (error) {
    // Unlike the authority it is trusted by nobody directly, so a new one serves as well.
    log.warn({ err: asError(error) }, "the server certificate is unreadable; renewing it");
  }
  return undefined;
}

interface Needs {
  readonly hosts: readonly string[];
  readonly authority: Authority;
  readonly now: number;
}

function reasonToRenew(certificate: X509Certificate, { hosts, authority, now }: Needs): string | undefined {
  if (!certificate.verify(authority.parsed.publicKey)) return "another authority signed it";
  if (certificate.validToDate.getTime() - now < RENEW_BEFORE_MS) return "it expires soon";
  const missing = hosts.filter((host) => !isNamedIn(certificate, host));
  return missing.length === 0 ? undefined : `it does not name ${missing.join(", ")}`;
}

function isNamedIn(certificate: X509Certificate, host: string): boolean {
  const found =
    isIP(host) === 0 ? certificate.checkHost(host, { subject: "never" }) : certificate.checkIP(host);
  return found !== undefined;
}

async function issueServerCertificate(
  { dir, clock, log }: CommuneCaParts,
  authority: Authority,
  hosts: readonly string[],
): Promise<ServerCertificate> {
  const keys = await newKeys();
  const issuer = new Certificate(authority.certPem);
  const { notBefore, notAfter } = validity(clock, SERVER_LIFE_MS);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [hosts.find((host) => isIP(host) === 0) ?? "localhost"] }],
    issuer: issuer.subjectName,
    notBefore,
    // No longer than the authority itself.
    notAfter: new Date(Math.min(notAfter.getTime(), authority.parsed.validToDate.getTime())),
    publicKey: keys.publicKey,
    signingKey: await signingKeyOf(authority.key),
    signingAlgorithm: ECDSA_P256,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isIP(host) === 0 ? ("dns" as const) : ("ip" as const), value: host })),
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  const made = { certPem: pemOf(certificate), keyPem: pemOfKey(KeyObject.from(keys.privateKey)) };
  await save(dir, { key: "server.key", cert: "server.crt" }, made);
  log.info(
    { hosts: hosts.join(" "), validUntil: certificate.notAfter.toISOString() },
    "made the server certificate",
  );
  return { ...made, renewed: true };
}

function validity(clock: Clock, lifeMs: number): { notBefore: Date; notAfter: Date } {
  const from = Math.max(clock.now(), EARLIEST_PLAUSIBLE_MS) - BACKDATED_MS;
  return { notBefore: new Date(from), notAfter: new Date(from + lifeMs) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ECDSA_P256, true, ["sign", "verify"]);
}

function signingKeyOf(key: KeyObject): Promise<CryptoKey> {
  const der = key.export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", der, ECDSA_P256, false, ["sign"]);
}

/** 126 random bits; positive and never of more than 20 bytes (RFC 5280 §4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function pemOf(certificate: Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

function pemOfKey(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" });
}

/** The key first: a certificate on disk always has its key beside it. */
async function save(
  dir: string,
  names: { readonly key: string; readonly cert: string },
  pems: { readonly certPem: string; readonly keyPem: string },
): Promise<void> {
  await replaceFile(join(dir, names.key), pems.keyPem, 0o600);
  await replaceFile(join(dir, names.cert), pems.certPem, 0o644);
}

async function replaceFile(file: string, content: string, mode: number): Promise<void> {
  const unfinished = `${file}.new`;
  {
    await using handle = await open(unfinished, "w", mode);
    await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
  }
  await rename(unfinished, file);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const cause = asError(error);
    if ("code" in cause && cause.code === "ENOENT") return undefined;
    throw unusable(file, cause.message, cause);
  }
}

function parse<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unusable(file, "it is damaged", error);
  }
}

function unusable(file: string, why: string, cause?: unknown): Fault {
  return new Fault(
    "corrupt",
    {
      en: `The commune's certificate authority can't be used: ${file}: ${why}.`,
      vi: `Không dùng được tổ chức chứng thực của xã: tệp ${file} bị thiếu, hỏng hoặc không đọc được (${why}).`,
    },
    {
      cause,
      hint: {
        en: "Restore the folder from a backup. Without one, delete ca.crt and ca.key: a new authority is made, and every device and office computer must be given it.",
        vi: "Hãy khôi phục thư mục từ bản sao lưu. Nếu không có, hãy xóa ca.crt và ca.key: hệ thống sẽ tạo chứng thực mới và phải cài lại cho mọi thiết bị và máy tính.",
      },
    },
  );
}

function isDnsName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name);
}
