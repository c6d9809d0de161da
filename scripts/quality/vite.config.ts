import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Compressed once here rather than at each request; the server sends these where the browser takes them. */
function gzipped(): Plugin {
  return {
    name: "gzipped",
    writeBundle: ({ dir = "dist" }) => {
      const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
      for (const name of names.filter((each) => /\.(js|css|html)$/.test(each))) {
        const file = path.join(dir, name);
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
      }
    },
  };
}

/** jsmpeg puts its own controls' style into the page when loaded, which the security policy forbids; they are not used. */
function withoutJsmpegStyle(): Plugin {
  return {
    name: "without-jsmpeg-style",
    transform: {
      filter: { id: /jsmpeg-player/ },
      handler: (code) => code.replace(/^styleInject\(.*\);$/m, ""),
    },
  };
}

/** Builds the panel's page, the one thing of the house that is built. */
export default defineConfig({
  root: fileURLToPath(new URL("../../src/panel/ui/", import.meta.url)),
  base: "/",
  plugins: [react(), withoutJsmpegStyle(), gzipped()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // Chrome 109 is the last for Windows 7 and 8.1, still met in communes.
    target: ["chrome109", "firefox115", "safari15.6"],
    modulePreload: { polyfill: false },
    // A small file inlined as data: would need a looser content security policy.
    assetsInlineLimit: 0,
  },
});
