import { expect, test } from "vitest";
import { isLoopback, neighbourOf } from "../../../src/broker/rules/address.ts";

test.each([
  ["192.168.1.10", "192.168.1.10"],
  ["::ffff:192.168.1.10", "192.168.1.10"],
  ["2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"],
  ["2001:db8:1:2:bbbb:cccc:dddd:1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["", ""],
])("%s counts as %s", (address, neighbour) => {
  expect(neighbourOf(address)).toBe(neighbour);
});

test.each([
  ["127.0.0.1", true],
  ["127.8.9.1", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.1.10", false],
  ["127.0.0.1.example.org", false],
])("%s is a loopback address: %s", (host, answer) => {
  expect(isLoopback(host)).toBe(answer);
});
