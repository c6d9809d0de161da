import { Option } from "commander";
import { z } from "zod";
import { ROLES } from "../identity/actor.ts";
import { Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import type { Api } from "./api.ts";
import type { CommandGroup, Session } from "./command.ts";
import { table } from "./rules/table.ts";

const User = z.object({
  id: z.string(),
  name: z.string(),
  fullName: z.string(),
  roles: z.array(z.string()),
  lastLoginAt: z.number().nullable(),
});

const MadeUser = User.extend({ password: z.string().nullable() });

export const userCommands: CommandGroup = (program, on) => {
  const user = program.command("user").description("people who may log in to the panel");

  user
    .command("list")
    .description("all users")
    .action(
      on(async (session) => {
        const { users } = await listed(await session.openApi());
        session.answer(users, () =>
          table(users.map(({ name, roles, fullName }) => [name, roles.join(","), fullName])),
        );
      }),
    );

  user
    .command("add <name>")
    .description("add a user; without --password-stdin a password is generated and shown once")
    .addOption(new Option("--role <role...>", "what the user may do").choices(ROLES).makeOptionMandatory())
    .option("--full-name <name>", "what others see")
    .option("--password-stdin", "read the password from standard input")
    .action(
      on(
        async (
          session,
          name: string,
          options: { role: string[]; fullName?: string; passwordStdin?: true },
        ) => {
          const body = {
            name,
            roles: options.role,
            ...(options.fullName !== undefined && { fullName: options.fullName }),
            ...(await passwordGiven(session, options)),
          };
          const api = await session.openApi();
          const made = await api.send("POST", "/api/users", { body, schema: MadeUser });
          session.answer(made, () => [
            text(
              `User ${made.name} added (${made.roles.join(", ")}).`,
              `Đã thêm người dùng ${made.name} (${made.roles.join(", ")}).`,
            ),
            ...passwordLines(made.password),
          ]);
        },
      ),
    );

  user
    .command("passwd <name>")
    .description("set a user's password; without --password-stdin one is generated and shown once")
    .option("--password-stdin", "read the password from standard input")
    .action(
      on(async (session, name: string, options: { passwordStdin?: true }) => {
        const body = await passwordGiven(session, options);
        const api = await session.openApi();
        const { id } = await named(api, name);
        const path = `/api/users/${encodeURIComponent(id)}/password`;
        const changed = await api.send("PUT", path, {
          body,
          schema: z.object({ password: z.string().nullable() }),
        });
        session.answer(changed, () => [
          text(
            `The password of ${name} is changed; open sessions have ended.`,
            `Đã đổi mật khẩu của ${name}; các phiên đang mở đã kết thúc.`,
          ),
          ...passwordLines(changed.password),
        ]);
      }),
    );

  user
    .command("remove <name>")
    .description("remove a user")
    .action(
      on(async (session, name: string) => {
        const api = await session.openApi();
        const { id } = await named(api, name);
        const removed = await api.send("DELETE", `/api/users/${encodeURIComponent(id)}`, {
          schema: z.unknown(),
        });
        session.answer(removed, () => [text(`User ${name} removed.`, `Đã xóa người dùng ${name}.`)]);
      }),
    );
};

function listed(api: Api): Promise<{ users: z.infer<typeof User>[] }> {
  return api.get("/api/users", z.object({ users: z.array(User) }));
}

async function named(api: Api, name: string): Promise<z.infer<typeof User>> {
  const { users } = await listed(api);
  const wanted = name.normalize("NFC").trim().toLowerCase();
  const found = users.find((user) => user.name === wanted);
  if (found !== undefined) return found;
  const names = users.map((user) => user.name).join(", ");
  throw new Fault("not-found", text(`There is no user ${name}.`, `Không có người dùng ${name}.`), {
    hint: text(`Users are: ${names}.`, `Các người dùng: ${names}.`),
  });
}

/** A line break at its end belongs to the terminal or the pipe, not to the password. */
async function passwordGiven(
  session: Session,
  { passwordStdin }: { passwordStdin?: true },
): Promise<{ password?: string }> {
  if (passwordStdin !== true) return {};
  return { password: (await session.readInput()).replace(/\r?\n$/, "") };
}

function passwordLines(password: string | null): ReturnType<typeof text>[] {
  if (password === null) return [];
  return [text(`Password (shown this once): ${password}`, `Mật khẩu (chỉ hiện lần này): ${password}`)];
}
