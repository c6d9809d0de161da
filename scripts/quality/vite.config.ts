import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Builds the panel's page, the one thing of the house that is built. */
export default defineConfig({
  root: fileURLToPath(new URL("../../src/panel/ui/", import.meta.url)),
  base: "/",
  plugins: [react()],
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
