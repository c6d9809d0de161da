import { resolve } from "node:path";
import n from "eslint-plugin-n";
import tseslint from "typescript-eslint";

const impureCalls = [
  { object: "Date", property: "now", message: "Take the instant as an argument." },
  { object: "Math", property: "random", message: "Take the random number as an argument." },
  { object: "performance", property: "now", message: "Take the instant as an argument." },
];

export default tseslint.config(
  { ignores: ["node_modules/", "src/panel/ui/dist/", "data/", "**/*.cjs"] },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: resolve(import.meta.dirname, "../..") },
    },
    plugins: { n },
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 12],
      "max-params": ["error", 4],
      "no-console": "error",
      "n/prefer-node-protocol": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Name what you export." },
        {
          selector: "CallExpression[callee.object.name='process'][callee.property.name='exit']",
          message: "Set process.exitCode and let the event loop empty.",
        },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ["src/*/rules/**/*.ts"],
    rules: {
      "no-restricted-globals": [
        "error",
        "process",
        "Buffer",
        "setTimeout",
        "setInterval",
        "setImmediate",
        "fetch",
      ],
      "no-restricted-properties": ["error", ...impureCalls],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Name what you export." },
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: "Take the instant as an argument.",
        },
      ],
    },
  },
  {
    // A program's words to its user go to stdout; tests and benches describe, so they may be longer than a unit.
    files: ["tests/**/*.ts", "scripts/**/*.ts"],
    rules: {
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/explicit-module-boundary-types": "off",
      // Asymmetric matchers (expect.stringContaining) are typed any.
      "@typescript-eslint/no-unsafe-assignment": "off",
    },
  },
  { files: ["scripts/**/*.ts"], rules: { "no-console": "off" } },
  {
    files: ["scripts/quality/*.ts", "tests/vitest.config.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
);
