import { describe, expect, test } from "vitest";
import { hrefOf, routeOf } from "../../../src/panel/ui/routes.ts";

describe("the address of the page", () => {
  test.each([
    ["", "home", "", ""],
    ["#", "home", "", ""],
    ["#/", "home", "", ""],
    ["#/cameras", "cameras", "", ""],
    ["#/cameras/", "cameras", "", ""],
    ["#/cameras/quay-1", "live", "quay-1", ""],
    ["#/cameras/quay-1/playback?at=5", "playback", "quay-1", ""],
    ["#/cases/12%2F2026", "case", "", "12/2026"],
    ["#/cases/100%", "case", "", "100%"],
    ["#/cameras/quay-1/khong-co", "unknown", "", ""],
  ])("%s leads to %s", (hash, page, camera, id) => {
    expect(routeOf(hash)).toMatchObject({ page, camera, id });
  });

  test("says what was asked for", () => {
    expect(routeOf("#/cameras/q/playback?at=5&with=a%2Cb").query.get("with")).toBe("a,b");
  });

  test("is written as it is read", () => {
    const href = hrefOf("playback", { camera: "quay-1", query: { at: "5", with: "a,b" } });
    expect(href).toBe("#/cameras/quay-1/playback?at=5&with=a%2Cb");
    expect(routeOf(hrefOf("case", { id: "12/2026 ?" })).id).toBe("12/2026 ?");
  });
});
