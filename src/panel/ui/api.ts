/** A refusal in the hall's own words, or ours when the hall can't be reached. */
export class Refused extends Error {
  readonly status: number;
  readonly hint: string | undefined;

  /** Status 0: no answer at all. */
  constructor(status: number, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

interface Ask {
  readonly body?: object;
  readonly csrfToken?: string | null;
  /** Not asked by the person: does not keep an unattended page logged in. */
  readonly background?: boolean;
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export async function ask<T>(method: Method, path: string, how: Ask = {}): Promise<T> {
  const { body, csrfToken, background } = how;
  const response = await fetch(`/api${path}`, {
    method,
    headers: {
      "accept-language": "vi",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(typeof csrfToken === "string" && { "x-csrf-token": csrfToken }),
      ...(background === true && { "x-background": "1" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Refused(0, "Không kết nối được với bộ điều khiển.", "Hãy kiểm tra mạng rồi thử lại.");
  });
  const answer: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  if (response.ok) return answer as T;
  const { message, hint } = (answer ?? {}) as { message?: string; hint?: string | null };
  throw new Refused(response.status, message ?? `Máy chủ trả lời ${response.status}.`, hint ?? undefined);
}

/** Sends a change as the logged-in person and reads the hall anew; failures are shown, not thrown. */
export type Act = (path: string, body?: object) => Promise<void>;

/**
 * Asks as the logged-in person; a session that has ended leads to the login. Throws `Refused` with words to show.
 * `background`: not asked by the person.
 */
export type Call = <T>(
  method: Method,
  path: string,
  how?: { readonly body?: object; readonly background?: boolean },
) => Promise<T>;
