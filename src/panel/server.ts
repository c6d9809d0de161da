import type { Server } from "node:https";
import { asError, Fault } from "../kernel/faults.ts";
import { text } from "../kernel/text.ts";
import { buildPanel, type PanelParts, type PanelTls } from "./app.ts";

/** The panel on its port. Closing it ends live pages at once and lets requests in progress finish. */
export interface Panel extends AsyncDisposable {
  readonly port: number;
  /** For connections from now on; open ones go on with the certificate they began with. */
  reloadCertificate(tls: PanelTls): void;
}

interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Opens last, when everything it can call exists; then announces itself to the command line. */
export async function openPanel(parts: PanelParts, listen: ListenAddress): Promise<Panel> {
  const app = await buildPanel(parts);
  try {
    await app.listen(listen).catch((error: unknown) => {
      throw notListening(listen, asError(error));
    });
    const address = app.server.address();
    const port = typeof address === "object" && address !== null ? address.port : listen.port;
    await parts.cliAccess.announce(`https://${reachable(listen.host)}:${port}`, parts.tls.caPem);
    return {
      port,
      reloadCertificate: ({ certPem, keyPem }) => {
        // Made as an https server by the panel; fastify's type only knows the plain one.
        (app.server as unknown as Server).setSecureContext({
          cert: certPem,
          key: keyPem,
          minVersion: "TLSv1.2",
        });
      },
      [Symbol.asyncDispose]: () => app.close(),
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Where this machine itself reaches what listens on `host`. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function notListening({ host, port }: ListenAddress, cause: Error): Fault {
  const taken = "code" in cause && cause.code === "EADDRINUSE";
  return new Fault(
    taken ? "conflict" : "unavailable",
    taken
      ? text(
          `Port ${port} of the panel is in use by another program.`,
          `Cổng ${port} của trang quản lý đang bị chương trình khác dùng.`,
        )
      : text(
          `The panel can't listen on ${host}:${port}: ${cause.message}.`,
          `Trang quản lý không mở được ${host}:${port}: ${cause.message}.`,
        ),
    {
      cause,
      field: "panel.port",
      hint: text(
        "Stop that program (ss -ltnp shows it), or set panel.port and panel.host in config/tienglang.json.",
        "Hãy dừng chương trình đó (ss -ltnp cho biết), hoặc đặt panel.port và panel.host trong config/tienglang.json.",
      ),
    },
  );
}
