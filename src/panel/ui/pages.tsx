import { lazy, Suspense, type ComponentType, type ReactNode } from "react";
import type { PageProps } from "./page-props.ts";
import { hrefOf, type PageName } from "./routes.ts";

type Shown = Exclude<PageName, "home">;

/** Loaded when first opened: the first screen of an office PC on a slow line is the loudspeakers'. */
const PAGES: Partial<Record<Shown, ComponentType<PageProps>>> = {
  cameras: lazy(async () => ({ default: (await import("./cameras/cameras-page.tsx")).CamerasPage })),
  live: lazy(async () => ({ default: (await import("./cameras/live-page.tsx")).LivePage })),
  playback: lazy(async () => ({ default: (await import("./cameras/playback-page.tsx")).PlaybackPage })),
  watched: lazy(async () => ({ default: (await import("./cameras/watched-page.tsx")).WatchedPage })),
  sign: lazy(async () => ({ default: (await import("./cameras/sign-page.tsx")).SignPage })),
  completeness: lazy(async () => ({
    default: (await import("./cameras/completeness-page.tsx")).CompletenessPage,
  })),
  "add-camera": lazy(async () => ({
    default: (await import("./cameras/settings-adding.tsx")).AddCameraPage,
  })),
  settings: lazy(async () => ({ default: (await import("./cameras/settings-page.tsx")).SettingsPage })),
  clips: lazy(async () => ({ default: (await import("./cameras/clips-page.tsx")).ClipsPage })),
  cases: lazy(async () => ({ default: (await import("./cameras/cases-page.tsx")).CasesPage })),
  case: lazy(async () => ({ default: (await import("./cameras/case-page.tsx")).CasePage })),
  requests: lazy(async () => ({ default: (await import("./cameras/requests-page.tsx")).RequestsPage })),
};

const TITLES: Record<PageName, string> = {
  home: "Phát thanh",
  cameras: "Camera",
  "add-camera": "Thêm camera",
  live: "Xem trực tiếp",
  playback: "Xem lại",
  completeness: "Ghi hình đầy đủ",
  watched: "Ai đã xem",
  settings: "Cài đặt camera",
  sign: "Biển thông báo",
  clips: "Đoạn trích",
  cases: "Hồ sơ vụ việc",
  case: "Hồ sơ vụ việc",
  requests: "Yêu cầu của người dân",
};

interface NavigationEntry {
  readonly page: PageName;
  readonly name: string;
  /** The pages reached from it, during which it is the current one. */
  readonly holds: readonly (PageName | "unknown")[];
}

export const NAVIGATION: readonly NavigationEntry[] = [
  { page: "home", name: TITLES.home, holds: ["home"] },
  {
    page: "cameras",
    name: TITLES.cameras,
    holds: ["cameras", "add-camera", "live", "playback", "completeness", "watched", "settings", "sign"],
  },
  { page: "clips", name: TITLES.clips, holds: ["clips"] },
  { page: "cases", name: TITLES.cases, holds: ["cases", "case"] },
  { page: "requests", name: TITLES.requests, holds: ["requests"] },
];

export function titleOf(page: PageName | "unknown"): string {
  return page === "unknown" ? "Không có trang này" : TITLES[page];
}

/** Every page but the home page. */
export function CurrentPage(props: PageProps): ReactNode {
  const { page } = props.route;
  const Page = page === "unknown" || page === "home" ? undefined : PAGES[page];
  if (Page === undefined) {
    return (
      <section>
        <h2>Không có trang này</h2>
        <p>
          Địa chỉ <code>{window.location.hash}</code> không dẫn đến đâu.{" "}
          <a href={hrefOf("home")}>Về trang đầu</a>
        </p>
      </section>
    );
  }
  return (
    <Suspense fallback={<p className="empty">Đang tải…</p>}>
      <Page {...props} />
    </Suspense>
  );
}
