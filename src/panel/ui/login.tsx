import { useState, type ReactNode } from "react";
import { ask, Refused } from "./api.ts";
import type { Me } from "./shapes.ts";

export function Login({ onLogin }: { readonly onLogin: (me: Me) => void }): ReactNode {
  const [refused, setRefused] = useState<Refused>();
  const [busy, setBusy] = useState(false);

  const logIn = async (form: FormData): Promise<void> => {
    setBusy(true);
    setRefused(undefined);
    try {
      onLogin(
        await ask<Me>("POST", "/login", { body: { name: form.get("name"), password: form.get("password") } }),
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setRefused(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="center">
      <form
        className="card login"
        onSubmit={(event) => {
          event.preventDefault();
          void logIn(new FormData(event.currentTarget));
        }}
      >
        <h1>Tiếng Làng</h1>
        <label>
          Tên đăng nhập
          <input
            name="name"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
          />
        </label>
        <label>
          Mật khẩu
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {refused !== undefined && (
          <p className="problem" role="alert">
            {refused.message} {refused.hint}
          </p>
        )}
        <button className="main-action" disabled={busy}>
          {busy ? "Đang đăng nhập…" : "Đăng nhập"}
        </button>
      </form>
    </main>
  );
}
