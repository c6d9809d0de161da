/**
 * Runs the device mock that ships inside npm onvif 0.6.5, as it is, but on free ports of the loopback interface.
 * Prints `ready port=N discovery=N`.
 */
import { Socket } from "node:dgram";
import { once } from "node:events";
import { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";

interface Mock {
  readonly server: Server;
  readonly discover: Socket;
  readonly conf: { port: number; hostname: string };
}

const ADDRESS = "127.0.0.1";
const listening: Promise<unknown>[] = [];

// It asks for every interface and for UDP 3702, which somebody else may hold.
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the server it belongs to
const listen = Server.prototype.listen;
Server.prototype.listen = function (this: Server): Server {
  listening.push(once(this, "listening"));
  return listen.call(this, { port: 0, host: ADDRESS });
};
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the socket it belongs to
const bind = Socket.prototype.bind;
Socket.prototype.bind = function (this: Socket): Socket {
  listening.push(once(this, "listening"));
  return bind.call(this, { port: 0, address: ADDRESS });
};

const load = createRequire(import.meta.url);
load("coffeescript/register");
const mock = load("onvif-mock/test/serverMockup.coffee") as Mock;
await Promise.all(listening);
mock.conf.hostname = ADDRESS;
mock.conf.port = (mock.server.address() as AddressInfo).port;
process.stdout.write(`ready port=${mock.conf.port} discovery=${mock.discover.address().port}\n`);

// The pipe closes with the process that holds its other end, however that ends.
process.stdin.on("end", () => process.kill(process.pid, "SIGKILL")).resume();
