import { Fault } from "../kernel/faults.ts";
import { text, type Text } from "../kernel/text.ts";
import { SECOND_MS } from "../kernel/time.ts";
import type { SlotDraft } from "./calendar-model.ts";
import { parseLocalDate, parseLocalTime } from "./rules/days.ts";
import type { Holiday, LocalDate, LocalTime, Recurrence, Targets } from "./rules/model.ts";

/** What exists to be aimed at. */
export interface Places {
  readonly hamlets: ReadonlySet<string>;
  readonly speakers: ReadonlySet<string>;
}

function invalid(field: string, said: Text, hint: Text): Fault {
  return new Fault("invalid", said, { field, hint });
}

/** The draft with its times, dates and targets found to exist, written in one way. Throws a Fault that names the field. */
export function checkedDraft(draft: SlotDraft, places: Places): SlotDraft {
  const recurrence = checkedRecurrence(draft.recurrence);
  const once = recurrence.type === "once" ? recurrence.date : undefined;
  const from = once ?? existingDate(draft.from, "from");
  const { to: lastDay, ...rest } = draft;
  const to = lastDay === undefined ? undefined : existingDate(lastDay, "to");
  if (once === undefined && to !== undefined && to < from)
    throw invalid(
      "to",
      text(
        `The last day ${to} lies before the first, ${from}.`,
        `Ngày cuối ${sayDate(to)} trước ngày đầu ${sayDate(from)}.`,
      ),
      text("Choose a later last day.", "Hãy chọn ngày cuối muộn hơn."),
    );
  for (const [index, season] of draft.seasons.entries()) {
    existingMonthDay(season.from, `seasons[${index}].from`);
    existingMonthDay(season.to, `seasons[${index}].to`);
  }
  return {
    ...rest,
    startTime: existingTime(draft.startTime, "startTime"),
    recurrence,
    from,
    ...(to === undefined || once !== undefined ? {} : { to }),
    targets: existingTargets(draft.targets, places),
  };
}

/** `17:00` becomes `17:00:00`. */
export function existingTime(time: LocalTime, field: string): LocalTime {
  if (parseLocalTime(time) !== undefined) return time.length === 5 ? `${time}:00` : time;
  throw invalid(
    field,
    text(`“${time}” is not a time of day.`, `“${time}” không phải là giờ hợp lệ.`),
    text("Write it as 17:00.", "Hãy nhập dạng 17:00."),
  );
}

export function existingDate(date: LocalDate, field: string): LocalDate {
  if (parseLocalDate(date) !== undefined) return date;
  throw invalid(
    field,
    text(`There is no day ${date}.`, `Không có ngày ${date}.`),
    text("Choose a day that exists, written as 2026-11-24.", "Hãy chọn ngày có thật, dạng 2026-11-24."),
  );
}

function existingMonthDay(monthDay: string, field: string): void {
  // A leap year has every day a season or holiday can name.
  if (parseLocalDate(`2024-${monthDay}`) !== undefined) return;
  throw invalid(
    field,
    text(`There is no day ${monthDay} in any year.`, `Không năm nào có ngày ${monthDay} (tháng-ngày).`),
    text("Write month and day as 05-15.", "Hãy nhập tháng và ngày dạng 05-15."),
  );
}

function checkedRecurrence(recurrence: Recurrence): Recurrence {
  switch (recurrence.type) {
    case "once":
      existingDate(recurrence.date, "recurrence.date");
      return recurrence;
    case "daily":
    case "lunar":
      return recurrence;
    case "weekly":
      return { ...recurrence, weekdays: [...new Set(recurrence.weekdays)].sort((a, b) => a - b) };
    case "monthly":
      return { ...recurrence, days: [...new Set(recurrence.days)] };
  }
}

function existingTargets(targets: Targets, { hamlets, speakers }: Places): Targets {
  if (targets.type === "everywhere") return targets;
  if (targets.hamlets.length + targets.speakers.length === 0)
    throw invalid(
      "targets",
      text("No hamlet and no loudspeaker is chosen.", "Chưa chọn thôn hoặc cụm loa nào."),
      text("Choose where it is to sound, or everywhere.", "Hãy chọn nơi phát, hoặc chọn phát toàn xã."),
    );
  for (const id of targets.hamlets)
    if (!hamlets.has(id))
      throw invalid(
        "targets.hamlets",
        text(`There is no hamlet ${id}.`, `Không có thôn ${id}.`),
        text(`Hamlets: ${listed(hamlets)}.`, `Các thôn hiện có: ${listed(hamlets)}.`),
      );
  for (const id of targets.speakers)
    if (!speakers.has(id))
      throw invalid(
        "targets.speakers",
        text(`There is no loudspeaker ${id}.`, `Không có cụm loa ${id}.`),
        text("Choose one from the list of loudspeakers.", "Hãy chọn trong danh sách cụm loa."),
      );
  return {
    type: "some",
    hamlets: [...new Set(targets.hamlets)].sort(),
    speakers: [...new Set(targets.speakers)].sort(),
  };
}

function listed(ids: ReadonlySet<string>): string {
  const all = [...ids].sort();
  if (all.length === 0) return "–";
  return all.length <= 10 ? all.join(", ") : `${all.slice(0, 10).join(", ")}, …`;
}

/** `24/11/2026`, as Vietnamese is written. */
export function sayDate(date: LocalDate): string {
  return date.split("-").reverse().join("/");
}

/** `12 phút 30 giây`, for sentences. */
export function sayLength(durationMs: number): Text {
  const seconds = Math.round(durationMs / SECOND_MS);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  const whole = (minute: string, second: string): string =>
    [minutes > 0 ? `${minutes} ${minute}` : "", rest > 0 || minutes === 0 ? `${rest} ${second}` : ""]
      .filter((word) => word !== "")
      .join(" ");
  return text(whole("min", "s"), whole("phút", "giây"));
}

/** The list as it will be kept. Throws a Fault that names the entry. */
export function checkedHolidays(holidays: readonly Holiday[]): readonly Holiday[] {
  return holidays.map((holiday, index) => {
    if (holiday.type === "solar") existingMonthDay(holiday.monthDay, `holidays[${index}].monthDay`);
    if (holiday.type === "date") existingDate(holiday.date, `holidays[${index}].date`);
    const name = holiday.name.normalize("NFC").trim();
    if (name !== "") return { ...holiday, name };
    throw invalid(
      `holidays[${index}].name`,
      text("A holiday has no name.", "Có ngày nghỉ chưa đặt tên."),
      text("Give it a name.", "Hãy đặt tên cho ngày nghỉ đó."),
    );
  });
}
