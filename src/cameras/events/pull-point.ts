/**
 * A camera's own event service (ONVIF Core §9.1, real-time pull-point), as the event loop needs it. Every call limits
 * its own time and size; what goes wrong is a Fault: "rejected" for the password or a refused subscription,
 * "not-found" for a subscription the camera has forgotten, "unavailable", "timeout" or "corrupt" for the rest.
 */
export interface PullPoint {
  /** Takes one of the camera's few places for subscribers, for `leaseMs`. */
  subscribe(leaseMs: number, signal: AbortSignal): Promise<Subscription>;
}

export interface Subscription {
  /**
   * Waits in the camera for messages, up to `waitMs`; the socket's own limit is a little longer. The raw answer
   * (SOAP envelope with a PullMessagesResponse); undefined when the camera closed the connection before it answered,
   * which some do after 10 s: the subscription lives on.
   */
  pull(order: PullOrder, signal: AbortSignal): Promise<string | undefined>;
  renew(leaseMs: number, signal: AbortSignal): Promise<void>;
  /** Asks for the present value of every state. A camera that does not know the operation: Fault("rejected"). */
  synchronize(signal: AbortSignal): Promise<void>;
  /** Gives the place back. */
  unsubscribe(signal: AbortSignal): Promise<void>;
}

export interface PullOrder {
  readonly waitMs: number;
  readonly limit: number;
}
