/** The places of the page, as the address after `#` names them. */
const PATTERNS = {
  home: "",
  cameras: "cameras",
  "add-camera": "add-camera",
  live: "cameras/:camera",
  playback: "cameras/:camera/playback",
  completeness: "cameras/:camera/completeness",
  watched: "cameras/:camera/watched",
  settings: "cameras/:camera/settings",
  sign: "cameras/:camera/sign",
  clips: "clips",
  cases: "cases",
  case: "cases/:id",
  requests: "requests",
} as const;

export type PageName = keyof typeof PATTERNS;

export interface Route {
  readonly page: PageName | "unknown";
  /** Id of the camera the page is about; empty on the others. */
  readonly camera: string;
  /** Id of the case; empty on the others. */
  readonly id: string;
  readonly query: URLSearchParams;
}

/** Reads the part of the address after `#`. */
export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const steps = path.split("/").filter((step) => step !== "");
  for (const [page, pattern] of Object.entries(PATTERNS)) {
    const found = matched(pattern, steps);
    if (found !== undefined) {
      const { camera = "", id = "" } = found;
      return { page: page as PageName, camera, id, query: new URLSearchParams(query) };
    }
  }
  return { page: "unknown", camera: "", id: "", query: new URLSearchParams(query) };
}

interface Where {
  readonly camera?: string;
  readonly id?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** The address of a page: `#/cameras/quay-1/playback?at=1763900000000`. */
export function hrefOf(page: PageName, { camera = "", id = "", query }: Where = {}): string {
  const path = PATTERNS[page]
    .replace(":camera", encodeURIComponent(camera))
    .replace(":id", encodeURIComponent(id));
  const asked = query === undefined ? "" : `?${new URLSearchParams(query).toString()}`;
  return `#/${path}${asked}`;
}

function matched(pattern: string, steps: readonly string[]): Record<string, string> | undefined {
  const wanted = pattern === "" ? [] : pattern.split("/");
  if (wanted.length !== steps.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, step] of wanted.entries()) {
    const given = decoded(steps[index] ?? "");
    if (step.startsWith(":")) found[step.slice(1)] = given;
    else if (step !== given) return undefined;
  }
  return found;
}

/** A hand-typed address may hold a lone `%`. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
