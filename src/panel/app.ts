import { createServer } from "node:https";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import multipart from "@fastify/multipart";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import websocket from "@fastify/websocket";
import fastify, { type FastifyInstance, type FastifyServerFactory } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type FastifyPluginAsyncZod,
} from "fastify-type-provider-zod";
import type { Audit } from "../identity/audit.ts";
import type { CliAccess } from "../identity/cli-access.ts";
import type { Sessions } from "../identity/sessions.ts";
import type { Users } from "../identity/users.ts";
import type { Check } from "../kernel/check.ts";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/faults.ts";
import type { Log } from "../kernel/log.ts";
import { text } from "../kernel/text.ts";
import { MINUTE_MS } from "../kernel/time.ts";
import { answerError, answerFault, MethodNotAllowed, TooManyRequests } from "./answers.ts";
import type { SavedData } from "./backup.ts";
import { addDoor, isLoopback } from "./door.ts";
import type { EventHub } from "./event-hub.ts";
import { addKnownPaths } from "./known-paths.ts";
import { addPage } from "./page.ts";
import { addRouteRules } from "./route-rules.ts";
import { normalised } from "./rules/normalised.ts";
import { sessionRoutes } from "./session-routes.ts";
import { systemRoutes, type StatusSummary } from "./system-routes.ts";
import { userRoutes } from "./user-routes.ts";

export interface PanelTls {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
}

export interface PanelParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly audit: Audit;
  readonly cliAccess: CliAccess;
  readonly events: EventHub;
  readonly savedData: SavedData;
  readonly tls: PanelTls;
  readonly version: string;
  /** Folder of the built page. */
  readonly uiDir: string;
  /** The features' routes, mounted under /api in this order. */
  readonly features: readonly FastifyPluginAsyncZod[];
  /** Whether everything the panel can call is there. */
  readonly ready: () => boolean;
  readonly status: () => StatusSummary;
  readonly checks: () => Promise<readonly Check[]>;
  /** Prometheus text (version 0.0.4). */
  readonly metrics: () => Promise<string>;
}

/** JSON only; uploads are streamed and have their own limits. */
const MAX_JSON_BYTES = 1_048_576;
/** A slow phone may take long over 60 MB, but not for ever. */
const LONGEST_REQUEST_MS = 30 * MINUTE_MS;
const HEADERS_WITHIN_MS = 20_000;
const MAX_CONNECTIONS = 500;
/** A page at work asks a few times a second at most. */
const MAX_REQUESTS_PER_MINUTE = 1_200;
const MAX_SOCKET_MESSAGE_BYTES = 65_536;

/** The whole panel without its port. The caller closes it. */
export async function buildPanel(parts: PanelParts): Promise<FastifyInstance> {
  const { log, tls, uiDir, features, sessions } = parts;
  const app = fastify({
    serverFactory: httpsWith(tls),
    bodyLimit: MAX_JSON_BYTES,
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    // Its own log would tell each request; who did what is in the audit trail.
    logger: false,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerError(log));

  await app.register(helmet, HELMET);
  await app.register(cookie);
  await app.register(rateLimit, {
    max: MAX_REQUESTS_PER_MINUTE,
    timeWindow: MINUTE_MS,
    errorResponseBuilder: (_request, { ttl }) => new TooManyRequests(Math.ceil(ttl / 1_000)),
  });
  await app.register(multipart, {
    limits: { files: 1, fields: 20, fieldSize: MAX_JSON_BYTES },
    throwFileSizeLimit: true,
  });
  addDoor(app, parts);
  const brokenRules = addRouteRules(app);
  const paths = addKnownPaths(app);
  await app.register(websocket, {
    options: { maxPayload: MAX_SOCKET_MESSAGE_BYTES, perMessageDeflate: false },
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Tiếng Làng",
        version: parts.version,
        description: "The panel's and the command line's interface.",
      },
      servers: [{ url: "/" }],
    },
    transform: jsonSchemaTransform,
  });
  app.addHook("preValidation", (request, _reply, done) => {
    request.body = normalised(request.body);
    request.query = normalised(request.query);
    done();
  });
  app.addHook("preClose", (done) => {
    parts.events[Symbol.dispose]();
    done();
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0] ?? "";
    const methods = paths.methodsOf(path);
    if (methods.length > 0) void reply.header("allow", methods.join(", "));
    return answerFault(
      methods.length === 0 ? noSuchPage(path) : new MethodNotAllowed(request.method, path),
      request,
      reply,
    );
  });

  const system = systemRoutes({
    ...parts,
    isLoggedIn: (id) => sessions.find(id, { present: false }) !== undefined,
    openApi: () => app.swagger(),
  });
  for (const routes of [system, sessionRoutes(parts), userRoutes(parts), ...features]) {
    await app.register(routes, { prefix: "/api" });
  }
  addMetrics(app, parts);
  addCaCertificate(app, tls);
  await addPage(app, uiDir);
  await app.ready();
  if (brokenRules().length > 0) throw new Error(`routes break the rules: ${brokenRules().join("; ")}`);
  return app;
}

/** The page builds no script or style at run time; styles are files too. */
const HELMET = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "data:", "blob:"],
      mediaSrc: ["'self'", "blob:"],
      connectSrc: ["'self'"],
      workerSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // A browser that insists on https could not be clicked through a certificate that has run out.
  strictTransportSecurity: false,
  referrerPolicy: { policy: "no-referrer" },
} as const;

function httpsWith({ certPem, keyPem }: PanelTls): FastifyServerFactory {
  return (handler) => {
    const server = createServer(
      {
        cert: certPem,
        key: keyPem,
        minVersion: "TLSv1.2",
        requestTimeout: LONGEST_REQUEST_MS,
        headersTimeout: HEADERS_WITHIN_MS,
      },
      handler,
    );
    server.maxConnections = MAX_CONNECTIONS;
    return server;
  };
}

/** Not part of the interface that is described. */
const HIDDEN = { schema: { hide: true } };

function addMetrics(app: FastifyInstance, { metrics }: PanelParts): void {
  app.get("/metrics", HIDDEN, async (request, reply) => {
    if (!isLoopback(request.ip) && request.actor === undefined) throw metricsRefused();
    return reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics());
  });
}

/** What a browser or a phone has to trust so that it opens the panel without a warning. */
function addCaCertificate(app: FastifyInstance, { caPem }: PanelTls): void {
  app.get("/tienglang-ca.crt", HIDDEN, (_request, reply) =>
    reply.type("application/x-x509-ca-cert").send(caPem),
  );
}

function metricsRefused(): Fault {
  return new Fault(
    "rejected",
    text(
      "Metrics are for this machine or after login.",
      "Số liệu chỉ xem được ngay trên máy chủ hoặc sau khi đăng nhập.",
    ),
  );
}

function noSuchPage(path: string): Fault {
  return new Fault("not-found", text(`There is nothing at ${path}.`, `Không có gì ở địa chỉ ${path}.`));
}
