import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { NAME_LIMIT_CHARS } from "./rules/names.ts";

type Thing = "hamlet" | "group" | "speaker";

const WORD: Record<Thing, { en: string; vi: string }> = {
  hamlet: text("hamlet", "thôn"),
  group: text("group of hamlets", "nhóm thôn"),
  speaker: text("loudspeaker", "cụm loa"),
};

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

export function notFound(thing: Thing, id: string, field: string): Fault {
  const word = WORD[thing];
  return new Fault("not-found", text(`There is no ${word.en} "${id}".`, `Không có ${word.vi} "${id}".`), {
    field,
    hint: text(
      "Choose one from the list; ids are lower-case without accents.",
      "Hãy chọn trong danh sách; mã viết thường, không dấu.",
    ),
  });
}

export function taken(thing: Thing, field: "id" | "name", value: string): Fault {
  const word = WORD[thing];
  return new Fault(
    "conflict",
    field === "id"
      ? text(
          `The id "${value}" already belongs to a ${word.en}.`,
          `Mã "${value}" đã thuộc về một ${word.vi} khác.`,
        )
      : text(
          `Another ${word.en} is already called "${value}".`,
          `Đã có ${word.vi} khác mang tên "${value}".`,
        ),
    {
      field,
      hint: text("Choose another one.", field === "id" ? "Hãy chọn mã khác." : "Hãy chọn tên khác."),
    },
  );
}

export function badName(thing: Thing, value: string): Fault {
  const word = WORD[thing];
  return new Fault(
    "invalid",
    text(
      `"${shown(value)}" can't be the name of a ${word.en}.`,
      `"${shown(value)}" không dùng làm tên ${word.vi} được.`,
    ),
    {
      field: "name",
      hint: text(
        `Write 1 to ${NAME_LIMIT_CHARS} characters with at least one letter or digit.`,
        `Hãy viết từ 1 đến ${NAME_LIMIT_CHARS} ký tự, có ít nhất một chữ cái hoặc chữ số.`,
      ),
    },
  );
}

export function badId(thing: Thing, value: string): Fault {
  const word = WORD[thing];
  return new Fault(
    "invalid",
    text(
      `"${shown(value)}" can't be the id of a ${word.en}.`,
      `"${shown(value)}" không dùng làm mã ${word.vi} được.`,
    ),
    {
      field: "id",
      hint: text(
        'Use 1 to 31 of a-z, 0-9 and "-", not starting with "-"; "all" and "hamlet" are reserved.',
        'Dùng 1 đến 31 ký tự a-z, 0-9 và "-", không bắt đầu bằng "-"; "all" và "hamlet" đã được dành riêng.',
      ),
    },
  );
}

export function outOfRange(field: string, value: number, from: number, to: number): Fault {
  return new Fault("invalid", text(`${field} is ${value}.`, `Giá trị ${field} là ${value}.`), {
    field,
    hint: text(`Use a number from ${from} to ${to}.`, `Hãy dùng số từ ${from} đến ${to}.`),
  });
}

export function hamletNotEmpty(name: string, speakers: readonly string[]): Fault {
  const list = speakers.slice(0, 3).join(", ") + (speakers.length > 3 ? ", …" : "");
  return new Fault(
    "conflict",
    text(
      `${name} still has ${speakers.length} loudspeaker(s): ${list}.`,
      `${name} còn ${speakers.length} cụm loa: ${list}.`,
    ),
    {
      field: "id",
      hint: text(
        "Move them to another hamlet or remove them first.",
        "Hãy chuyển chúng sang thôn khác hoặc xóa chúng trước.",
      ),
    },
  );
}

export function unknownProfile(profile: string, known: Iterable<string>): Fault {
  const list = [...known].join(", ");
  return new Fault(
    "invalid",
    text(`There is no firmware profile "${shown(profile)}".`, `Không có hồ sơ thiết bị "${shown(profile)}".`),
    { field: "profile", hint: text(`Use one of: ${list}.`, `Hãy dùng một trong: ${list}.`) },
  );
}

export function tooMany(thing: Thing, limit: number): Fault {
  const word = WORD[thing];
  return new Fault(
    "conflict",
    text(
      `${capital(word.en)} limit reached: one hall serves ${limit}.`,
      `Đã đủ số ${word.vi}: một máy chủ phục vụ ${limit}.`,
    ),
    {
      field: "id",
      hint: text("Remove what is no longer in use.", "Hãy xóa những mục không còn dùng."),
    },
  );
}

function shown(value: string): string {
  return value.length > 80 ? `${value.slice(0, 80)}…` : value;
}
