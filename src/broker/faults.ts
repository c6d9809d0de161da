import { Fault } from "../kernel/faults.ts";
import { SECOND_MS } from "../kernel/time.ts";
import type { ListenAddress } from "./messages.ts";

interface ListenProblem {
  readonly code: string;
  readonly words: string;
  readonly at: ListenAddress;
}

export function cannotListen({ code, words, at }: ListenProblem): Fault {
  const cause = new Error(code === "" ? words : `${code}: ${words}`);
  if (code === "EADDRINUSE") {
    return new Fault(
      "conflict",
      {
        en: `Port ${at.port} of the loudspeaker broker is already in use on ${at.host}.`,
        vi: `Cổng ${at.port} của máy chủ MQTT cho cụm loa đã có chương trình khác dùng trên ${at.host}.`,
      },
      {
        cause,
        hint: {
          en: `See who holds it with "ss -ltnp sport = :${at.port}" (often mosquitto, or a second daemon) and stop it, or set another port in the configuration (broker section).`,
          vi: `Xem chương trình nào giữ cổng bằng "ss -ltnp sport = :${at.port}" (thường là mosquitto hoặc một tiến trình thứ hai) rồi dừng nó, hoặc đặt cổng khác trong cấu hình (mục broker).`,
        },
      },
    );
  }
  if (code === "EACCES" || code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new Fault(
      "invalid",
      {
        en: `The loudspeaker broker can't listen on ${at.host} port ${at.port} (${code}).`,
        vi: `Máy chủ MQTT cho cụm loa không mở được ${at.host} cổng ${at.port} (${code}).`,
      },
      {
        cause,
        hint: {
          en: "Use an address of this machine and a port from 1024 up in the configuration (broker section).",
          vi: "Hãy dùng một địa chỉ của máy này và cổng từ 1024 trở lên trong cấu hình (mục broker).",
        },
      },
    );
  }
  return unusableCertificate(cause.message);
}

export function unusableCertificate(words: string): Fault {
  return new Fault(
    "invalid",
    {
      en: `The loudspeaker broker can't use its certificate and key (${words}).`,
      vi: `Máy chủ MQTT cho cụm loa không dùng được chứng chỉ và khóa (${words}).`,
    },
    {
      hint: {
        en: "Delete the server certificate and its key; they are made anew at the next start.",
        vi: "Hãy xóa chứng chỉ máy chủ và khóa của nó; lần khởi động sau sẽ tạo lại.",
      },
    },
  );
}

export function openToTheNetwork(host: string): Fault {
  return new Fault(
    "invalid",
    {
      en: `The unencrypted MQTT listener would be open to the network (${host}): passwords could be read on the way.`,
      vi: `Cổng MQTT không mã hóa sẽ mở ra mạng (${host}): mật khẩu thiết bị có thể bị đọc trộm.`,
    },
    {
      field: "plain.host",
      hint: {
        en: "Bind it to 127.0.0.1, or set allowPlainFromNetwork if that is really wanted.",
        vi: "Hãy đặt địa chỉ 127.0.0.1, hoặc bật allowPlainFromNetwork nếu thật sự cần.",
      },
    },
  );
}

/** The broker's thread ended by itself. */
export function gone(cause: Error | undefined): Fault {
  return new Fault(
    "unavailable",
    "the loudspeaker broker has stopped working",
    cause === undefined ? {} : { cause },
  );
}

export function silent(forMs: number): Fault {
  return new Fault("unavailable", `the loudspeaker broker has not answered for ${forMs / SECOND_MS} s`);
}
