import { Findings, parsed, textOf, type PackageFile, type Verdict, type VerifierTools } from "./findings.ts";
import { FORMAT, MANIFEST, SIGNATURE, type Manifest, type ManifestSignature } from "./package-format.ts";
import { checkAudit, checkChain, checkGaps, checkHeads, checkSegments } from "./record-checks.ts";

/** Checks everything and goes on after each finding, so that all of them are named. */
export async function verifyPackage(files: readonly PackageFile[], tools: VerifierTools): Promise<Verdict> {
  const found = new Findings();
  const byName = new Map(files.map((file) => [file.name, file]));
  const said = await textOf(byName.get(MANIFEST));
  const manifest = said === undefined ? undefined : (parsed(said) as Manifest | undefined);
  if (said === undefined || manifest?.format !== FORMAT) {
    const [vi, en] =
      said === undefined
        ? [
            `Thiếu tệp ${MANIFEST}: đây không phải gói bằng chứng.`,
            `${MANIFEST} is missing: this is no evidence package.`,
          ]
        : [
            `Tệp ${MANIFEST} bị hỏng hoặc không đúng định dạng.`,
            `${MANIFEST} is damaged or of an unknown format.`,
          ];
    found.add(said === undefined ? "missing" : "format", MANIFEST, vi, en);
    return { whole: false, problems: found.problems, manifest: null, fingerprint: null };
  }
  const keyPem = await textOf(byName.get(manifest.key.file));
  const fingerprint = keyPem === undefined ? null : await tools.fingerprint(keyPem).catch(() => null);
  await checkSignature({ said, manifest, keyPem, sig: await textOf(byName.get(SIGNATURE)) }, tools, found);
  if (keyPem !== undefined && fingerprint !== manifest.key.fingerprint) {
    found.add(
      "key",
      manifest.key.file,
      `Khóa công khai ${manifest.key.file} không phải khóa ghi trong bản kê.`,
      `The public key ${manifest.key.file} is not the one named in the manifest.`,
    );
  }
  await checkFiles(manifest, byName, tools, found);
  const parts = { manifest, byName, keyPem, tools, found };
  const heads = await checkHeads(parts);
  const lines = await checkChain(parts, heads);
  checkSegments(manifest, lines, found);
  checkGaps(manifest, lines, found);
  await checkAudit(parts, heads);
  return { whole: found.problems.length === 0, problems: found.problems, manifest, fingerprint };
}

interface Signing {
  readonly said: string;
  readonly manifest: Manifest;
  readonly keyPem: string | undefined;
  readonly sig: string | undefined;
}

async function checkSignature(
  { said, keyPem, sig }: Signing,
  tools: VerifierTools,
  found: Findings,
): Promise<void> {
  if (keyPem === undefined) return;
  if (sig === undefined) {
    found.add(
      "missing",
      SIGNATURE,
      `Thiếu tệp chữ ký ${SIGNATURE}.`,
      `The signature ${SIGNATURE} is missing.`,
    );
    return;
  }
  const signature = parsed(sig) as ManifestSignature | undefined;
  const signed = await tools.isSigned(said, signature?.signature ?? "", keyPem).catch(() => false);
  const sameHash = (await tools.sha256OfText(said)) === signature?.manifestSha256;
  if (signed === undefined) {
    found.add(
      "signature",
      SIGNATURE,
      "Chương trình này không kiểm tra được chữ ký Ed25519; hãy dùng trình duyệt mới hơn hoặc lệnh node verify.mjs.",
      "Ed25519 can't be checked here; take a newer browser, or node verify.mjs.",
    );
  } else if (signed && !sameHash) {
    found.add(
      "signature",
      SIGNATURE,
      `Tệp chữ ký ${SIGNATURE} đã bị sửa (bản kê vẫn nguyên).`,
      `The signature file ${SIGNATURE} was changed (the manifest itself is genuine).`,
    );
  } else if (!signed && sameHash) {
    found.add(
      "signature",
      SIGNATURE,
      `Chữ ký trong ${SIGNATURE} không đúng với khóa công khai đi kèm.`,
      `The signature in ${SIGNATURE} is not of the public key that comes with it.`,
    );
  } else if (!signed) {
    found.add(
      "manifest",
      MANIFEST,
      `Bản kê ${MANIFEST} đã bị sửa sau khi ký.`,
      `The manifest ${MANIFEST} was changed after it was signed.`,
    );
  }
}

async function checkFiles(
  { files }: Manifest,
  byName: ReadonlyMap<string, PackageFile>,
  tools: VerifierTools,
  found: Findings,
): Promise<void> {
  for (const { name, bytes, sha256 } of files) {
    const file = byName.get(name);
    if (file === undefined) {
      found.add("missing", name, `Thiếu tệp ${name}.`, `The file ${name} is missing.`);
    } else if (file.size !== bytes || (await tools.sha256(file)) !== sha256) {
      const sizes = file.size === bytes ? "" : ` (${file.size} / ${bytes} byte)`;
      found.add(
        "changed",
        name,
        `Tệp ${name} đã bị thay đổi: nội dung khác với bản kê${sizes}.`,
        `The file ${name} was changed: it is not what the manifest lists${sizes}.`,
      );
    }
  }
  const listed = new Set([MANIFEST, SIGNATURE, ...files.map(({ name }) => name)]);
  for (const name of byName.keys()) {
    if (listed.has(name)) continue;
    found.add(
      "extra",
      name,
      `Có tệp lạ ${name}, không thuộc gói.`,
      `The file ${name} does not belong to the package.`,
    );
  }
}
