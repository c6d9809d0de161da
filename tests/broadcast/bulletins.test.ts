import { join } from "node:path";
import { expect, test } from "vitest";
import { DAY_MS, epochMs, HOUR_MS } from "../../src/kernel/time.ts";
import type { BulletinDraft } from "../../src/broadcast/bulletin-model.ts";
import {
  approved,
  bulletinDraft,
  faultOf,
  HOA,
  LAN,
  MINH,
  MORNING,
  NEVER_STOPPED,
  openHouse,
  person,
  rejectionOf,
  slotDraft,
  saving,
  submitted,
  type House,
} from "./calendar-house.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const VOV = { type: "relay", address: "https://vov.example/live.m3u8", durationMs: HOUR_MS } as const;

async function created(house: House, changes: Partial<BulletinDraft> = {}): Promise<string> {
  return (await house.bulletins.create(bulletinDraft(changes), LAN, NEVER_STOPPED)).id;
}

test("a bulletin goes from draft over submitted to approved, with who and when", async () => {
  using house = openHouse();
  const { id, version, state, barred } = await house.bulletins.create(bulletinDraft(), LAN, NEVER_STOPPED);
  expect([state, barred?.vi]).toEqual(["draft", "Bản tin chưa gửi duyệt."]);
  house.clock.step(HOUR_MS);
  const sent = house.bulletins.submit(id, version, LAN);
  expect([sent.state, sent.barred?.vi]).toEqual(["submitted", "Bản tin đang chờ duyệt."]);
  house.clock.step(HOUR_MS);
  const yes = house.bulletins.approve(id, { version: sent.version, seal: sent.seal ?? "" }, MINH);
  expect([yes.state, yes.barred]).toEqual(["approved", undefined]);
  expect(yes.approval).toMatchObject({
    submitted: { by: "lan", at: MORNING + HOUR_MS },
    approved: { by: "minh", name: "Minh", at: MORNING + 2 * HOUR_MS },
  });
  expect(house.bulletins.steps(id).map(({ step, who }) => `${step} ${who.name}`)).toEqual([
    "submit Lan",
    "approve Minh",
  ]);
  expect(house.audit.read({ limit: 9, subject: id }).map(({ action }) => action)).toEqual([
    "bulletin.approve",
    "bulletin.submit",
    "bulletin.create",
  ]);
  expect(house.changes()).toBe(3);
});

test.each<[string, Partial<BulletinDraft>, string]>([
  [
    "another recording",
    { content: { type: "audio", audioId: "other" } },
    "Mất hiệu lực duyệt vì phần âm thanh đã đổi.",
  ],
  ["the chime switched on", { chime: true }, "Mất hiệu lực duyệt vì nhạc hiệu đã được bật hoặc tắt."],
  ["another class", { class: "emergency" }, "Mất hiệu lực duyệt vì mức độ của bản tin đã đổi."],
  ["a relay instead", { content: VOV }, "Mất hiệu lực duyệt vì loại nội dung đã đổi."],
  [
    "text instead",
    { content: { type: "text", text: "Kính mời" } },
    "Mất hiệu lực duyệt vì phần âm thanh đã đổi.",
  ],
])("an approval is lost, visibly, by %s", async (_name, changes, expected) => {
  using house = openHouse();
  const { id, version } = await approved(house);
  const after = await house.bulletins.change(
    id,
    { version, draft: bulletinDraft(changes) },
    HOA,
    NEVER_STOPPED,
  );
  expect(after.state).toBe("draft");
  expect(after.approval).toMatchObject({ lost: { vi: expected } });
  expect(after.barred?.vi).toBe(expected);
  expect(after.author.name).toBe("Hoa");
  expect(house.bulletins.steps(id).at(-1)).toMatchObject({ step: "lose", reason: expected });
});

test("a change of what is only read keeps the approval", async () => {
  using house = openHouse();
  const { id, version } = await approved(house);
  const draft = bulletinDraft({ title: "Tin buổi sáng", category: "Khác" });
  const after = await house.bulletins.change(id, { version, draft }, HOA, NEVER_STOPPED);
  expect([after.title, after.state, after.author.name]).toEqual(["Tin buổi sáng", "approved", "Lan"]);
});

test("text is spoken once, and anew when it changes", async () => {
  using house = openHouse();
  const text = "UBND xã kính mời";
  const bulletin = await house.bulletins.create(
    bulletinDraft({ content: { type: "text", text } }),
    LAN,
    NEVER_STOPPED,
  );
  expect(bulletin.content).toMatchObject({
    text,
    readText: "ủy ban nhân dân xã kính mời",
    audioId: "speech-1",
  });
  const again = (words: string, version: number): Promise<unknown> =>
    house.bulletins.change(
      bulletin.id,
      { version, draft: bulletinDraft({ title: "Giấy mời", content: { type: "text", text: words } }) },
      LAN,
      NEVER_STOPPED,
    );
  await again(text, 1);
  expect(house.library.spoken).toEqual([text]);
  await again(`${text}!`, 2);
  expect(house.library.spoken).toEqual([text, `${text}!`]);
});

test("the same words in another Unicode form are the same words", async () => {
  using house = openHouse();
  const words = "Thôn Đông Hòa";
  const content = { type: "text", text: words.normalize("NFD") } as const;
  const { id, title } = await house.bulletins.create(
    bulletinDraft({ title: `  ${words.normalize("NFD")}\n`, content }),
    LAN,
    NEVER_STOPPED,
  );
  expect(title).toBe(words.normalize("NFC"));
  await house.bulletins.change(
    id,
    { version: 1, draft: bulletinDraft({ title, content: { type: "text", text: words.normalize("NFC") } }) },
    LAN,
    NEVER_STOPPED,
  );
  expect(house.library.spoken).toHaveLength(1);
});

test.each<[string, Partial<BulletinDraft>, string]>([
  ["no title", { title: " \n " }, "invalid title: Tên bản tin có 0 ký tự; phải có từ 1 đến 200 ký tự."],
  [
    "a title too long",
    { title: "a".repeat(201) },
    "invalid title: Tên bản tin có 201 ký tự; phải có từ 1 đến 200 ký tự.",
  ],
  ["a title of the greatest length", { title: "a".repeat(200) }, "done"],
  [
    "an unknown recording",
    { content: { type: "audio", audioId: "nope" } },
    "invalid content.audioId: Kho âm thanh không có bản ghi nope.",
  ],
  ["no text", { content: { type: "text", text: "  " } }, "invalid content.text: Bản tin chưa có lời."],
  [
    "a relay of a file",
    { content: { ...VOV, address: "file:///etc/passwd" } },
    "invalid content.address: Tiếp âm chỉ nhận địa chỉ http hoặc https, không nhận file://.",
  ],
  [
    "a relay of several files",
    { content: { ...VOV, address: "concat:a|b" } },
    "invalid content.address: Tiếp âm chỉ nhận địa chỉ http hoặc https, không nhận concat://.",
  ],
  [
    "no address",
    { content: { ...VOV, address: "vov1" } },
    "invalid content.address: “vov1” không phải là địa chỉ hợp lệ.",
  ],
  [
    "an address with a password",
    { content: { ...VOV, address: "https://a:b@vov.example/" } },
    "invalid content.address: Địa chỉ không được chứa tên người dùng hoặc mật khẩu, vì sẽ hiện trong nhật ký.",
  ],
  [
    "a relay for ever",
    { content: { ...VOV, durationMs: DAY_MS } },
    "invalid content.durationMs: Thời lượng tiếp âm 1440 phút nằm ngoài khoảng 10 giây đến 4 giờ.",
  ],
  [
    "an unknown fallback",
    { content: { ...VOV, fallbackAudioId: "nope" } },
    "invalid content.fallbackAudioId: Kho âm thanh không có bản ghi nope.",
  ],
])("a bulletin with %s", async (_name, changes, expected) => {
  using house = openHouse();
  expect(await rejectionOf(house.bulletins.create(bulletinDraft(changes), LAN, NEVER_STOPPED))).toBe(
    expected,
  );
});

test("a relay's address is written in one way, so that spelling does not lose an approval", async () => {
  using house = openHouse();
  const { id, version } = await approved(house, {
    content: { ...VOV, address: "HTTPS://VOV.example:443/live#x" },
  });
  const same = bulletinDraft({ content: { ...VOV, address: "https://vov.example/live" } });
  expect((await house.bulletins.change(id, { version, draft: same }, LAN, NEVER_STOPPED)).state).toBe(
    "approved",
  );
});

test("of two officers who edit at once the second is told who was quicker, and nothing is lost", async () => {
  using house = openHouse();
  const id = await created(house);
  await house.bulletins.change(
    id,
    { version: 1, draft: bulletinDraft({ title: "Của Lan" }) },
    LAN,
    NEVER_STOPPED,
  );
  const late = house.bulletins.change(
    id,
    { version: 1, draft: bulletinDraft({ title: "Của Hoa" }) },
    HOA,
    NEVER_STOPPED,
  );
  expect(await rejectionOf(late)).toBe(
    "conflict version: Bản tin “Của Lan” đã được Lan sửa lúc 08:00 ngày 23/11/2026, sau khi bạn mở.",
  );
  expect(house.bulletins.get(id).title).toBe("Của Lan");
});

test("whoever is quicker while the other's text is being spoken wins", async () => {
  using house = openHouse();
  const id = await created(house);
  const slow = house.bulletins.change(
    id,
    { version: 1, draft: bulletinDraft({ title: "Chậm", content: { type: "text", text: "Dài" } }) },
    LAN,
    NEVER_STOPPED,
  );
  house.bulletins.submit(id, 1, HOA);
  expect(await rejectionOf(slow)).toContain("conflict version");
  expect(house.bulletins.get(id).state).toBe("submitted");
});

test.each([
  ["an officer", HOA, {}, "rejected: Chỉ lãnh đạo được duyệt hoặc trả lại bản tin."],
  ["a leader", MINH, {}, "done"],
  ["an administrator", person("Root", "admin"), {}, "done"],
  [
    "a leader who wrote it",
    person("Lan", "leader", "officer"),
    {},
    "rejected: Không được tự duyệt bản tin do chính mình soạn hoặc gửi duyệt.",
  ],
  [
    "a leader who wrote it, where that is allowed",
    person("Lan", "leader"),
    { authorMayApprove: true },
    "done",
  ],
] as const)("approving as %s", async (_name, actor, policy, expected) => {
  using house = openHouse({ policy });
  const { id, version, seal = "" } = await submitted(house);
  expect(faultOf(() => house.bulletins.approve(id, { version, seal }, actor))).toBe(expected);
});

test("a leader approves only what they have heard", async () => {
  using house = openHouse();
  const { id, version } = await submitted(house);
  expect(faultOf(() => house.bulletins.approve(id, { version, seal: "f".repeat(64) }, MINH))).toBe(
    "conflict: Bản tin đã thay đổi sau khi ông/bà nghe duyệt.",
  );
});

test("a return carries its reason to the author, and takes an approval back", async () => {
  using house = openHouse();
  const { id, version } = await approved(house);
  expect(faultOf(() => house.bulletins.sendBack(id, version, "  ", MINH))).toContain("invalid reason");
  const back = house.bulletins.sendBack(id, version, "Sai tên thôn", MINH);
  expect([back.state, back.barred?.vi]).toEqual(["returned", "Minh đã trả lại: Sai tên thôn"]);
  expect(house.bulletins.submit(id, back.version, LAN).state).toBe("submitted");
});

test("an approval ends when the approver says so", async () => {
  using house = openHouse();
  const { id, version, seal = "" } = await submitted(house);
  const past = { version, seal, expiresAt: epochMs(MORNING) };
  expect(faultOf(() => house.bulletins.approve(id, past, MINH))).toBe(
    "invalid expiresAt: Hạn duyệt 08:00 ngày 23/11/2026 đã qua.",
  );
  const yes = house.bulletins.approve(id, { ...past, expiresAt: epochMs(MORNING + HOUR_MS) }, MINH);
  expect(yes.barred).toBeUndefined();
  house.clock.step(HOUR_MS);
  expect(house.bulletins.get(id).barred?.vi).toBe("Hiệu lực duyệt đã hết lúc 09:00 ngày 23/11/2026.");
  expect(house.bulletins.submit(id, yes.version, LAN).state).toBe("submitted");
});

test("an emergency sounds on the officer's word and waits for its countersignature", async () => {
  using house = openHouse();
  const alert = await submitted(house, { class: "emergency", title: "Vỡ đê" });
  expect([alert.barred, alert.awaitsCountersign]).toEqual([undefined, true]);
  house.bulletins.markAired(alert.id, "alert-1", house.clock.now());
  expect(house.bulletins.get(alert.id).state).toBe("aired");
  expect(house.bulletins.awaitingCountersign().map(({ title }) => title)).toEqual(["Vỡ đê"]);

  const changed = house.bulletins.change(
    alert.id,
    { version: alert.version, draft: bulletinDraft({ class: "emergency", title: "Khác" }) },
    LAN,
    NEVER_STOPPED,
  );
  const waits = "conflict: Bản tin khẩn cấp này đã phát và đang chờ lãnh đạo ký xác nhận.";
  expect(await rejectionOf(changed)).toBe(waits);
  expect(faultOf(() => house.bulletins.remove(alert.id, alert.version, LAN))).toBe(waits);

  const signedBy = house.bulletins.countersign(
    alert.id,
    { version: alert.version, seal: alert.seal ?? "" },
    MINH,
  );
  expect([signedBy.state, signedBy.awaitsCountersign]).toEqual(["aired", false]);
  expect(house.bulletins.awaitingCountersign()).toEqual([]);
  expect(house.bulletins.steps(alert.id).at(-1)).toMatchObject({
    step: "countersign",
    who: { name: "Minh" },
  });
});

test("an emergency that nobody countersigns falls silent, and stays in the list", async () => {
  using house = openHouse({ policy: { countersignWithinMs: HOUR_MS } });
  const alert = await submitted(house, { class: "emergency" });
  house.clock.step(HOUR_MS);
  expect(house.bulletins.get(alert.id).barred?.vi).toBe("Bản tin khẩn cấp quá hạn ký xác nhận của lãnh đạo.");
  expect(house.bulletins.awaitingCountersign()).toHaveLength(1);
});

test("an emergency declared at once is kept, as it sounded, for its countersignature", () => {
  using house = openHouse();
  const kept = house.bulletins.recordEmergency(
    { title: "Cháy rừng", content: { type: "audio", audioId: "news" }, airing: "alert-2" },
    LAN,
  );
  expect([kept.state, kept.awaitsCountersign, kept.category]).toEqual(["aired", true, "Cảnh báo"]);
  expect(house.bulletins.airings(kept.id)).toEqual([{ airing: "alert-2", at: MORNING, seal: kept.seal }]);
  expect(house.changes()).toBe(1);
  expect(
    faultOf(() =>
      house.bulletins.recordEmergency(
        { title: "Cháy rừng", content: { type: "audio", audioId: "nope" }, airing: "alert-3" },
        LAN,
      ),
    ),
  ).toContain("conflict");
});

test("only emergencies are countersigned", async () => {
  using house = openHouse();
  const { id, version, seal = "" } = await submitted(house);
  expect(faultOf(() => house.bulletins.countersign(id, { version, seal }, MINH))).toBe(
    "conflict: “Tin sáng” không phải bản tin khẩn cấp.",
  );
});

test("an airing counts once, and shows the bulletin as aired until its content changes", async () => {
  using house = openHouse();
  const { id, version } = await approved(house);
  house.bulletins.markAired(id, "s1.2026-11-23", house.clock.now());
  house.bulletins.markAired(id, "s1.2026-11-23", house.clock.now());
  expect(house.bulletins.airings(id)).toHaveLength(1);
  expect(house.bulletins.get(id).state).toBe("aired");
  const draft = bulletinDraft({ content: { type: "audio", audioId: "other" } });
  expect((await house.bulletins.change(id, { version, draft }, LAN, NEVER_STOPPED)).state).toBe("draft");
});

test("content exchanged behind our back does not sound", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "tienglang.db");
  const exchanged = async (): Promise<string> => {
    using house = openHouse({ file });
    const { id } = await approved(house);
    house.database.run("UPDATE bulletin SET audio_id = 'other' WHERE id = ?", id);
    return id;
  };
  const id = await exchanged();
  using house = openHouse({ file });
  expect(house.bulletins.get(id).barred?.vi).toBe("Nội dung không đúng với nội dung đã được duyệt.");
});

test("a bulletin whose recording is gone does not sound and can't be submitted", async () => {
  using house = openHouse();
  const id = await created(house);
  house.library.lose("news");
  expect(house.bulletins.get(id).barred?.vi).toBe("Thiếu tệp âm thanh của bản tin.");
  expect(faultOf(() => house.bulletins.submit(id, 1, LAN))).toBe(
    "conflict: Bản ghi của bản tin không còn trong kho âm thanh.",
  );
});

test("a bulletin on the calendar is not deleted; afterwards it is, but never from the past", async () => {
  using house = openHouse();
  const { id, version } = await approved(house);
  const { slots } = house.calendar.create(slotDraft(id), saving);
  expect(faultOf(() => house.bulletins.remove(id, version, LAN))).toBe(
    "conflict: “Tin sáng” vẫn còn 1 lịch phát.",
  );
  house.calendar.remove(slots[0]?.id ?? "", { version: 1, scope: { type: "all" } }, saving);
  house.bulletins.remove(id, version, LAN);
  expect(faultOf(() => house.bulletins.get(id))).toBe(`not-found: Không có bản tin ${id}.`);
  expect(house.bulletins.list()).toEqual([]);
  expect(house.bulletins.find(id)?.title).toBe("Tin sáng");
});

test("everything is there again after a restart", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "tienglang.db");
  const written = async (): Promise<readonly unknown[]> => {
    using house = openHouse({ file });
    await house.bulletins.create(bulletinDraft({ title: "Nháp" }), LAN, NEVER_STOPPED);
    await approved(house, { title: "Duyệt", content: { ...VOV, fallbackAudioId: "music" } });
    const { id, version } = await submitted(house, {
      content: { type: "text", text: "Kính mời", voice: "vi" },
    });
    house.bulletins.sendBack(id, version, "Ngắn hơn", MINH);
    const lost = await approved(house, { title: "Mất" });
    const draft = bulletinDraft({ chime: true });
    await house.bulletins.change(lost.id, { version: lost.version, draft }, LAN, NEVER_STOPPED);
    return house.bulletins.list().map((view) => ({ ...view, barred: undefined, seal: undefined }));
  };
  const before = await written();
  expect(before).toHaveLength(4);
  using again = openHouse({ file });
  expect(again.bulletins.list().map((view) => ({ ...view, barred: undefined, seal: undefined }))).toEqual(
    before,
  );
});
