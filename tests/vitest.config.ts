import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: ".",
    include: ["tests/**/*.test.ts"],
    pool: "forks",
    // Order must not matter, so it is never the same.
    sequence: { shuffle: true },
    // Much of it listens in real time; more workers than cores listen side by side.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { TZ: "UTC", NODE_NO_WARNINGS: "1" },
  },
});
