import type { ReactNode } from "react";
import { hrefOf, type PageName } from "../routes.ts";

interface CameraHeadProps {
  readonly id: string;
  /** Undefined while it is not known yet. */
  readonly name: string | undefined;
  readonly page: PageName;
}

const TABS: readonly { readonly page: PageName; readonly name: string }[] = [
  { page: "live", name: "Trực tiếp" },
  { page: "playback", name: "Xem lại" },
  { page: "completeness", name: "Ghi đủ hay thiếu" },
  { page: "watched", name: "Ai đã xem" },
  { page: "settings", name: "Cài đặt" },
];

/** Which camera a page is about, and its other pages. */
export function CameraHead({ id, name, page }: CameraHeadProps): ReactNode {
  return (
    <div className="bar">
      <h2>{name ?? id}</h2>
      <nav aria-label={`Các trang của camera ${name ?? id}`} className="tabs">
        <ul>
          {TABS.map((tab) => (
            <li key={tab.page}>
              <a
                href={hrefOf(tab.page, { camera: id })}
                aria-current={tab.page === page ? "page" : undefined}
              >
                {tab.name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </div>
  );
}
