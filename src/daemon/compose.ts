import { X509Certificate } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { openLibrary } from "../broadcast/library.ts";
import { keepSoundsReady } from "../broadcast/ready-sounds.ts";
import { openAudioServer, type AudioServer } from "../broadcast/streams/audio-server.ts";
import { openAudit } from "../identity/audit.ts";
import { openCliAccess } from "../identity/cli-access.ts";
import { hostsOfMachine, openCommuneCa } from "../identity/commune-ca.ts";
import { openSessions } from "../identity/sessions.ts";
import { openUsers } from "../identity/users.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { runTogether } from "../kernel/run-together.ts";
import { epochMs, HOUR_MS, MINUTE_MS } from "../kernel/time.ts";
import { findMediaTools } from "../media/tools.ts";
import { openSavedData } from "../panel/backup.ts";
import { openEventHub, type LiveEvent } from "../panel/event-hub.ts";
import { openPanel } from "../panel/server.ts";
import { loadSpeakerProfiles } from "../speakers/profile.ts";
import { topic, type SpeakerId } from "../speakers/protocol.ts";
import { openRegistry } from "../speakers/registry.ts";
import { openHallKey } from "../speakers/signing.ts";
import { lockDataDir } from "../store/data-lock.ts";
import { openDatabase } from "../store/database.ts";
import { migrate } from "../store/migrate.ts";
import { openBrokerLoop } from "./broker-loop.ts";
import { composeBroadcast } from "./compose-broadcast.ts";
import { composeCameraRoutes } from "./compose-camera-routes.ts";
import { composeCameras, speakAtCounter } from "./compose-cameras.ts";
import { composeRoutes } from "./compose-routes.ts";
import type { Config } from "./config.ts";
import type { ServiceManager } from "./notify.ts";
import { openOverview } from "./overview.ts";
import { SCHEMAS } from "./schemas.ts";
import { configuredTools, greet, hamletDefaults, lanAddress, speechOf } from "./settings.ts";

interface World {
  readonly clock: Clock;
  readonly log: Log;
  readonly manager: ServiceManager;
  /** Words for the person who started us, on the terminal. */
  readonly say: (line: string) => void;
}

const DATABASE_FILE = "tienglang.db";
const CERTIFICATE_CHECK_EVERY_MS = HOUR_MS;
const PROGRAM_DIR = resolve(import.meta.dirname, "../..");

/** The whole daemon: opens everything bottom up, runs its tasks together, releases in reverse. */
export async function runDaemon(
  config: Config,
  { clock, log, manager, say: tell }: World,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = clock.now();
  await using resources = new AsyncDisposableStack();
  const { dataDir } = config;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  resources.use(await lockDataDir(dataDir));

  const database = resources.use(openDatabase(join(dataDir, DATABASE_FILE)));
  migrate(database, SCHEMAS);
  const audit = openAudit({ database, clock });
  const users = openUsers({ database, clock, audit });
  const sessions = openSessions({ database, clock });
  const events = resources.use(openEventHub());

  const ca = await openCommuneCa({ dir: join(dataDir, "ca"), communeName: config.commune.name, clock, log });
  const hosts = (): string[] => [...hostsOfMachine(hostname(), networkInterfaces()), ...config.panel.names];
  let certificate = await ca.serverCertificate(hosts());
  const tls = (): { certPem: string; keyPem: string; caPem: string } => ({ ...certificate, caPem: ca.caPem });

  const registry = openRegistry({
    database,
    clock,
    profiles: loadSpeakerProfiles(join(PROGRAM_DIR, "firmware-profiles/speakers")),
    defaults: hamletDefaults(config),
  });
  const tools = findMediaTools(configuredTools(config));
  const library = await openLibrary(
    {
      database,
      clock,
      log: log.child({ service: "library" }),
      tools,
      engine: speechOf(config, tools),
      dir: join(dataDir, "audio"),
      limits: {
        maxUploadBytes: config.media.uploadMegabytes * 1_048_576,
        maxDurationMs: config.media.uploadMinutes * MINUTE_MS,
        maxTextChars: config.media.textCharacters,
      },
    },
    signal,
  );
  const key = openHallKey(join(dataDir, "ca"));
  const broadcast = resources.use(
    composeBroadcast(
      {
        config,
        database,
        clock,
        log,
        audit,
        registry,
        key,
        library,
        tools,
        notify: (event) => events.publish(event),
      },
      { streams: () => server.streams },
    ),
  );
  const house = resources.use(
    await composeCameras({
      ...{ config, database, clock, log, audit, tools },
      version: packageJson.version,
      profilesDir: join(PROGRAM_DIR, "firmware-profiles/cameras"),
      holidays: () => broadcast.calendar.holidays(),
      notify: (event) => events.publish(event),
      say: speakAtCounter({ ...broadcast, clock, timeZone: config.commune.timeZone }),
    }),
  );
  const server: AudioServer = resources.use(
    await openAudioServer(
      {
        host: config.streams.host,
        tlsPort: config.streams.port,
        plainPort: config.streams.radioPort,
        certificate,
        maxConnections: config.streams.maxListeners,
      },
      {
        clock,
        log: log.child({ service: "audio" }),
        authenticate: (id, secret) => registry.speakers.authenticate(id, secret),
        pathOf: (sha256) => library.pathOf(sha256),
        boxes: broadcast.boxes,
        reportBox: (speaker, report) => broadcast.link.reportBox(speaker as SpeakerId, report),
      },
    ),
  );
  /** Addresses change with the network, and certificates end: both are looked at every hour. */
  const renewCertificate = async (stop: AbortSignal): Promise<void> => {
    while (await clock.sleep(CERTIFICATE_CHECK_EVERY_MS, stop)) {
      const fresh = await ca.serverCertificate(hosts());
      if (!fresh.renewed) continue;
      certificate = fresh;
      server.setCertificate(fresh);
      panel.reloadCertificate(tls());
      await broker.current()?.setCertificate(fresh);
    }
  };
  const broker = resources.use(
    await openBrokerLoop({
      options: () => ({
        tls: { host: config.broker.host, port: config.broker.port, ...certificate },
        plain:
          config.broker.plainPort === null
            ? undefined
            : { host: config.broker.plainHost, port: config.broker.plainPort },
        allowPlainFromNetwork: config.broker.allowPlainFromNetwork,
        retainable: topic.retainable,
        limits: { maxConnections: config.broker.maxClients },
        log: log.child({ service: "broker" }),
        clock,
      }),
      link: broadcast.link,
      clock,
      log: log.child({ service: "broker" }),
    }),
  );
  const overview = openOverview({
    config,
    version: packageJson.version,
    startedAt,
    clock,
    database,
    audit,
    registry,
    broadcast,
    house,
    tools,
    broker: () => broker.current(),
    certificateUntil: () => epochMs(new X509Certificate(certificate.certPem).validToDate.getTime()),
  });
  const notify = (event: LiveEvent): void => events.publish(event);
  const cameraRoutes = composeCameraRoutes({
    ...{ config, clock, log, audit, sessions, tools, house, notify, signal },
  });
  const features = composeRoutes({
    config,
    database,
    clock,
    log,
    audit,
    registry,
    library,
    broadcast,
    events,
    hallAddresses: () => ({
      mqttUrl: `mqtts://${lanAddress()}:${broker.current()?.tlsPort ?? config.broker.port}`,
      audioUrl: `https://${lanAddress()}:${server.tlsPort}`,
      radioUrl: `http://${lanAddress()}:${server.plainPort ?? 0}`,
      caPem: ca.caPem,
      publicKey: key.publicKey,
    }),
    signal,
  });
  const first = await users.ensureFirstAdmin();
  const cliAccess = resources.use(openCliAccess(dataDir));
  const panel = resources.use(
    await openPanel(
      {
        clock,
        log: log.child({ service: "panel" }),
        users,
        sessions,
        audit,
        cliAccess,
        events,
        savedData: await openSavedData({
          dataDir,
          database,
          databaseFile: DATABASE_FILE,
          skipped: ["cli.token"],
          version: packageJson.version,
          clock,
        }),
        tls: tls(),
        version: packageJson.version,
        uiDir: join(PROGRAM_DIR, "src/panel/ui/dist"),
        features: [...features, ...cameraRoutes],
        ready: () => broker.current() !== undefined,
        status: () => overview.summary(),
        checks: () => overview.checks(signal),
        metrics: () => overview.metrics(),
      },
      { host: config.panel.host, port: config.panel.port },
    ),
  );

  greet(tell, { panelHost: config.panel.host, panelPort: panel.port, first });
  await manager.ready(signal);
  log.info(
    { startMs: clock.now() - startedAt, panelPort: panel.port, brokerPort: broker.current()?.tlsPort },
    "ready",
  );
  await runTogether(
    [
      (stop) => broker.run(stop),
      (stop) => server.run(stop),
      (stop) => broadcast.playout.run(stop),
      (stop) =>
        keepSoundsReady(
          {
            link: broadcast.link,
            speakers: () => registry.speakers.all(),
            sounds: Object.values(library.chimes).map(({ id }) => library.part(id)),
            clock,
          },
          stop,
        ),
      (stop) => manager.feedWatchdog(stop),
      renewCertificate,
      ...house.tasks,
    ],
    signal,
  );
}
