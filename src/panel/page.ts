import { existsSync } from "node:fs";
import path from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** Serves the built page, or a page that says how to build it. */
export async function addPage(app: FastifyInstance, uiDir: string): Promise<void> {
  if (!existsSync(path.join(uiDir, "index.html"))) {
    app.get("/", { schema: { hide: true } }, (_request, reply) =>
      reply.code(503).type("text/html; charset=utf-8").send(NOT_BUILT),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: uiDir,
    cacheControl: false,
    preCompressed: true,
    setHeaders: (reply, file) => {
      // Built files carry their hash in their name; the page that names them must be asked for each time.
      const lasting = path.basename(path.dirname(file)) === "assets";
      void reply.header("cache-control", lasting ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}

const NOT_BUILT = `<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tiếng Làng</title>
<h1>Trang quản lý chưa được dựng</h1>
<p>Bộ điều khiển đang chạy; lịch phát và loa không bị ảnh hưởng. Kỹ thuật viên chạy lệnh
<code>npm run panel:build</code> trong thư mục chương trình, rồi khởi động lại.</p>
<p lang="en">The controller is running, only its page is not built: run <code>npm run panel:build</code>, then restart.</p>
</html>
`;
