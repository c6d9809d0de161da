import { AIRINGS_SCHEMA } from "../broadcast/airings-store.ts";
import { BULLETIN_SCHEMA } from "../broadcast/bulletin-store.ts";
import { CALENDAR_SCHEMA } from "../broadcast/calendar-store.ts";
import { LIBRARY_SCHEMA } from "../broadcast/library-store.ts";
import { CAMERAS_SCHEMA } from "../cameras/camera-store.ts";
import { CLIPS_SCHEMA } from "../cameras/clips/clip-store.ts";
import { EVENTS_SCHEMA } from "../cameras/events/event-store.ts";
import { EVIDENCE_SCHEMA } from "../cameras/evidence/schema.ts";
import { LEDGER_SCHEMA } from "../cameras/ledger.ts";
import { PRIVACY_SCHEMA } from "../cameras/privacy/requests-store.ts";
import { RECORDINGS_SCHEMA } from "../cameras/segment-store.ts";
import { AUDIT_SCHEMA } from "../identity/audit.ts";
import { IDENTITY_SCHEMA } from "../identity/store.ts";
import { SPEAKERS_SCHEMA } from "../speakers/store.ts";
import { OUTBOX_SCHEMA } from "../store/outbox.ts";
import type { Schema } from "../store/migrate.ts";

/** Every table of the daemon's database, in the order in which they are made. */
export const SCHEMAS: readonly Schema[] = [
  AUDIT_SCHEMA,
  IDENTITY_SCHEMA,
  OUTBOX_SCHEMA,
  SPEAKERS_SCHEMA,
  LIBRARY_SCHEMA,
  BULLETIN_SCHEMA,
  CALENDAR_SCHEMA,
  AIRINGS_SCHEMA,
  CAMERAS_SCHEMA,
  LEDGER_SCHEMA,
  RECORDINGS_SCHEMA,
  EVENTS_SCHEMA,
  CLIPS_SCHEMA,
  EVIDENCE_SCHEMA,
  PRIVACY_SCHEMA,
];
