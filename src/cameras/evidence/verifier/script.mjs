const given = process.argv.slice(2);
const lang = given.includes("--en") ? "en" : "vi";
const place = given.find((word) => !word.startsWith("--")) ?? ".";
try {
  const verdict = await verifyPackage(await filesAt(place), nodeTools);
  for (const line of reportLines(verdict, lang)) console.log(line);
  process.exitCode = verdict.whole ? 0 : 1;
} catch (error) {
  console.error(
    lang === "vi" ? `Không đọc được gói ở ${place}:` : `The package at ${place} can't be read:`,
    error.message,
  );
  process.exitCode = 1;
}
