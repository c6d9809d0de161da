/** The floors of the house, low to high. A file imports from lower floors and its own folder only. */
const floors = [
  ["kernel"],
  ["store", "media", "broker"],
  ["identity"],
  ["speakers"],
  ["broadcast"],
  ["cameras"],
  ["counter"],
  ["health"],
  ["upstream"],
  ["panel", "cli"],
  ["daemon"],
];

const floorRules = floors.flatMap((folders, level) =>
  folders.map((folder) => {
    const below = floors.slice(0, level).flat();
    const allowed = [folder, ...below].join("|");
    return {
      name: `floor-${folder}`,
      comment: `src/${folder} may import only from its own folder and from lower floors.`,
      severity: "error",
      from: { path: `^src/${folder}/`, pathNot: "^src/panel/ui/" },
      to: { path: "^src/", pathNot: `^src/(${allowed})/` },
    };
  }),
);

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: "agent-stands-beside",
      comment:
        "The software loudspeaker is a product of its own: kernel, store, media and the protocol, nothing else.",
      severity: "error",
      from: { path: "^src/agent/" },
      to: { path: "^src/", pathNot: "^src/(agent|kernel|store|media)/|^src/speakers/protocol\\.ts$" },
    },
    {
      name: "nobody-imports-the-agent",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/agent/" },
      to: { path: "^src/agent/" },
    },
    {
      name: "rules-are-pure",
      severity: "error",
      from: { path: "^src/[^/]+/rules/" },
      to: { path: "^src/", pathNot: ["^src/[^/]+/rules/", "^src/kernel/(time|faults|text)\\.ts$"] },
    },
    {
      name: "rules-load-nothing",
      severity: "error",
      from: { path: "^src/[^/]+/rules/" },
      to: { pathNot: "^src/" },
    },
    {
      name: "only-media-spawns",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/media/" },
      to: { path: "^(node:)?child_process$" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: {
        orphan: true,
        path: "^src/",
        pathNot: "^src/(daemon|agent|cli)/main\\.ts$|^src/panel/ui/|-worker\\.ts$",
      },
      to: {},
    },
    {
      name: "no-dev-dependencies-in-src",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/panel/ui/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "src-knows-no-tests",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(tests|scripts)/" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "^src/panel/ui/dist/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types"] },
  },
};
