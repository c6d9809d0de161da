type LogFields = Readonly<Record<string, unknown>>;

/**
 * What an activity may say. `error`: a person must act · `warn`: degraded, heals itself · `info`: a state changed ·
 * `debug`: each attempt. Messages are constant lower-case phrases; what varies goes into fields with units.
 */
export interface Log {
  error(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
  child(fields: LogFields): Log;
}
